// The colors of VQL without a server: keywords, strings, comments, numbers. The keyword lists are the
// lexer's own (`VQL_BLESS=1 cargo test --test cli -- keywords` writes them); the language server says the rest.

import { StreamLanguage, type StringStream } from '@codemirror/language';

// >>>
const MODALITIES = 'DOCUMENT GRAPH PROVENANCE SEMANTIC SPATIAL TEMPORAL TENSOR VECTOR'.split(' ');
const CONSTANTS = 'FALSE NULL TRUE'.split(' ');
const OPERATORS = 'AND BETWEEN CONTAINS EXISTS IN INCLUDES IS LIKE MATCHES NOT OR SIMILAR WITHIN'.split(' ');
const KEYWORDS = 'ACCESS ALL ANALYZE AS ASC AT AUDIT AVG BEGIN BOUNDS BY BYZANTINE CHECK CHECKPOINT COMMIT COMMITTED CONFLICT CONFLICTS CONSISTENT CONTRACT CONTRACTS COORDINATOR COSINE COUNT CREATE DEALLOCATE DELETE DENY DEPTH DESC DESCRIBE DETECT DISMISS DISTINCT DOT_PRODUCT DRIFT DROP DRY EMBEDDERS ENTITY EUCLIDEAN EXCEPT EXECUTE EXPLAIN EXPORT FEDERATION FIELD FIND FIRST FOR FORCE FORMAT FROM FULLTEXT GRANT GRANTS GROUP HAS HAVING HEALTH HEXAD HEXADS HISTORY IF IMPORT INSERT INTEGRITY INTERSECT INTERVAL INTO ISOLATION JACCARD KEEP KEY KEYS LAST LATEST LEVEL LIMIT MAX METRICS MIN MODIFIED NEAREST NORMALIZATION NORMALIZATIONS NORMALIZE NORMALIZER NULLS OF OFFSET ON ONLY ORDER PEERS POLICIES POLICY PREPARE PREPARED PROOF PROOFS QUERIES QUORUM RADIUS RANK READ REFLECT RELATED RELEASE REPAIR REPEATABLE REPLACE RESOLVE RESTORE REVERT REVOKE ROLE ROLES ROLLBACK ROTATE RUN SATISFIES SAVEPOINT SEARCH SELECT SERIALIZABLE SET SETTINGS SHAPE SHOW SLOW SNAPSHOT SNAPSHOTS STATEMENTS STATUS STORE STORES STRATEGY STRICT SUM SYNC TEXT THRESHOLD TIME TIMESTAMP TO TOLERANCE TOLERATE TRANSACTION TRANSACTIONS TRAVERSE TYPE UNION UPDATE USING VALUES VERIFICATION VERIFIED VERIFY VERSION WHERE WITH WORK WRITE'.split(' ');
// <<<

const styles = new Map<string, string>([
  ...KEYWORDS.map((word) => [word, 'keyword'] as const),
  ...OPERATORS.map((word) => [word, 'operatorKeyword'] as const),
  ...CONSTANTS.map((word) => [word, 'bool'] as const),
  ...MODALITIES.map((word) => [word, 'typeName'] as const),
]);

interface State { inside: '' | "'" | '"' | '*' }

function quoted(stream: StringStream, state: State): string {
  while (!stream.eol()) {
    const next = stream.next();
    if (next === '\\') stream.next();
    else if (next === state.inside && !stream.eat(state.inside)) {
      state.inside = '';
      break;
    }
  }
  return 'string';
}

function comment(stream: StringStream, state: State): string {
  if (stream.skipTo('*/')) {
    stream.match('*/');
    state.inside = '';
  } else {
    stream.skipToEnd();
  }
  return 'comment';
}

function token(stream: StringStream, state: State): string | null {
  if (state.inside === '*') return comment(stream, state);
  if (state.inside !== '') return quoted(stream, state);
  if (stream.eatSpace()) return null;
  if (stream.match('--')) {
    stream.skipToEnd();
    return 'comment';
  }
  if (stream.match('/*')) {
    state.inside = '*';
    return comment(stream, state);
  }
  const first = stream.peek();
  if (first === "'" || first === '"') {
    stream.next();
    state.inside = first;
    return quoted(stream, state);
  }
  if (stream.match(/^\$\w+/)) return 'variableName.special';
  if (stream.match(/^\d+(\.\d+)?([eE][+-]?\d+)?/)) return 'number';
  if (stream.match(/^\.\s*[A-Za-z_]\w*/)) return 'propertyName';
  if (stream.match(/^[A-Za-z_]\w*/)) return styles.get(stream.current().toUpperCase()) ?? 'variableName';
  stream.next();
  return /[<>=*+/-]/.test(first ?? '') ? 'operator' : 'punctuation';
}

/** VQL for the editor. */
export const vql = StreamLanguage.define<State>({
  name: 'vql',
  startState: () => ({ inside: '' }),
  token,
  languageData: {
    commentTokens: { line: '--', block: { open: '/*', close: '*/' } },
    closeBrackets: { brackets: ['(', '[', '{', "'", '"'] },
  },
});
