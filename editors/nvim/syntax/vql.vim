" Highlighting of VQL where there is no tree-sitter.
if exists('b:current_syntax')
  finish
endif

syntax case ignore

" What is defined later wins where two begin at the same place.
syntax match vqlFunction /\<\h\w*\ze\s*(/

" Keywords: written by `VQL_BLESS=1 cargo test --test cli -- keywords`.
" >>>
syntax match vqlModality /\<\%(PROVENANCE\|DOCUMENT\|SEMANTIC\|TEMPORAL\|SPATIAL\|TENSOR\|VECTOR\|GRAPH\)\>/
syntax match vqlConstant /\<\%(FALSE\|NULL\|TRUE\)\>/
syntax match vqlWordOperator /\<\%(CONTAINS\|INCLUDES\|BETWEEN\|MATCHES\|SIMILAR\|EXISTS\|WITHIN\|LIKE\|AND\|NOT\|IN\|IS\|OR\)\>/
syntax match vqlKeyword /\<\%(NORMALIZATIONS\|NORMALIZATION\|SERIALIZABLE\|TRANSACTIONS\|VERIFICATION\|COORDINATOR\|DOT_PRODUCT\|TRANSACTION\|CHECKPOINT\|CONSISTENT\|DEALLOCATE\|FEDERATION\|NORMALIZER\|REPEATABLE\|STATEMENTS\|BYZANTINE\|COMMITTED\|CONFLICTS\|CONTRACTS\|EMBEDDERS\|EUCLIDEAN\|INTEGRITY\|INTERSECT\|ISOLATION\|NORMALIZE\|SATISFIES\|SAVEPOINT\|SNAPSHOTS\|THRESHOLD\|TIMESTAMP\|TOLERANCE\|CONFLICT\|CONTRACT\|DESCRIBE\|DISTINCT\|FULLTEXT\|INTERVAL\|MODIFIED\|POLICIES\|PREPARED\|ROLLBACK\|SETTINGS\|SNAPSHOT\|STRATEGY\|TOLERATE\|TRAVERSE\|VERIFIED\|ANALYZE\|DISMISS\|EXECUTE\|EXPLAIN\|HISTORY\|JACCARD\|METRICS\|NEAREST\|PREPARE\|QUERIES\|REFLECT\|RELATED\|RELEASE\|REPLACE\|RESOLVE\|RESTORE\|VERSION\|ACCESS\|BOUNDS\|COMMIT\|COSINE\|CREATE\|DELETE\|DETECT\|ENTITY\|EXCEPT\|EXPORT\|FORMAT\|GRANTS\|HAVING\|HEALTH\|HEXADS\|IMPORT\|INSERT\|LATEST\|OFFSET\|POLICY\|PROOFS\|QUORUM\|RADIUS\|REPAIR\|REVERT\|REVOKE\|ROTATE\|SEARCH\|SELECT\|STATUS\|STORES\|STRICT\|UPDATE\|VALUES\|VERIFY\|AUDIT\|BEGIN\|CHECK\|COUNT\|DEPTH\|DRIFT\|FIELD\|FIRST\|FORCE\|GRANT\|GROUP\|HEXAD\|LEVEL\|LIMIT\|NULLS\|ORDER\|PEERS\|PROOF\|ROLES\|SHAPE\|STORE\|UNION\|USING\|WHERE\|WRITE\|DENY\|DESC\|DROP\|FIND\|FROM\|INTO\|KEEP\|KEYS\|LAST\|ONLY\|RANK\|READ\|ROLE\|SHOW\|SLOW\|SYNC\|TEXT\|TIME\|TYPE\|WITH\|WORK\|ALL\|ASC\|AVG\|DRY\|FOR\|HAS\|KEY\|MAX\|MIN\|RUN\|SET\|SUM\|AS\|AT\|BY\|IF\|OF\|ON\|TO\)\>/
syntax match vqlAggregate /\<\%(COUNT\|AVG\|MAX\|MIN\|SUM\)\ze\s*(/
" <<<

syntax match vqlMember /\.\s*\zs\h\w*/
syntax match vqlMember /\<FIELD\s\+\zs\h\w*/

syntax match vqlOperator /==\|!=\|<>\|<=\|>=\|=\|<\|>\|+\|-\|\*\|->\|<-\|∀\|∃\|∈/
syntax match vqlNumber /\<\d\+\%(\.\d\+\)\?\%([eE][+-]\?\d\+\)\?\>/
syntax match vqlInstant /\<\d\{4}-\d\d-\d\d\%(T\d\d:\d\d\%(:\d\d\%(\.\d\+\)\?\)\?\%(Z\|[+-]\d\d:\?\d\d\)\?\)\?\>/
syntax match vqlParameter /[$@]\w\+/
syntax match vqlId /\<\%(HEXAD\|STORE\|BY\|ENTITY\|VERSION\|CONFLICT\)\s\+\zs\w\+\%([-.]\w\+\)*-\w\+\%([-.]\w\+\)*/
syntax match vqlEdge /\[\s*:\s*\zs\h\w*/

syntax region vqlString start=/'/ skip=/\\.\|''/ end=/'/
syntax region vqlString start=/"/ skip=/\\.\|""/ end=/"/
syntax match vqlRegex +\<MATCHES\s\+\zs/\%([^/\\]\|\\.\)*/+
syntax match vqlComment /--.*$/ contains=@Spell,vqlTodo
syntax region vqlComment start=+/\*+ end=+\*/+ contains=@Spell,vqlTodo
syntax keyword vqlTodo contained TODO FIXME XXX NOTE
" Last, so that it wins over a comment: after FEDERATION a slash starts a path.
syntax match vqlPath +\%(\<FEDERATION\s\+\)\@<=\%(/[A-Za-z0-9_.-]\+\)*/\*\{0,2}[A-Za-z0-9_.-]*+

highlight default link vqlKeyword Keyword
highlight default link vqlWordOperator Operator
highlight default link vqlModality Type
highlight default link vqlConstant Constant
highlight default link vqlAggregate Function
highlight default link vqlFunction Function
highlight default link vqlMember Identifier
highlight default link vqlOperator Operator
highlight default link vqlNumber Number
highlight default link vqlInstant Number
highlight default link vqlParameter PreProc
highlight default link vqlId Constant
highlight default link vqlEdge Label
highlight default link vqlString String
highlight default link vqlRegex String
highlight default link vqlPath String
highlight default link vqlComment Comment
highlight default link vqlTodo Todo

let b:current_syntax = 'vql'
