/**
 * VQL for tree-sitter: statements, their clauses and what stands in brackets, never a judgment. Which
 * words may follow each other is the business of vql's own parser; every text it accepts parses
 * here without an error node, and with the same statements.
 */

// Keywords: written by `VQL_BLESS=1 cargo test --test cli -- keywords`.
// >>>
const MODALITIES = 'DOCUMENT GRAPH PROVENANCE SEMANTIC SPATIAL TEMPORAL TENSOR VECTOR'.split(' ');
const CONSTANTS = 'FALSE NULL TRUE'.split(' ');
const OPERATORS = 'AND BETWEEN CONTAINS EXISTS IN INCLUDES IS LIKE MATCHES NOT OR SIMILAR WITHIN'.split(' ');
const KEYWORDS = 'ACCESS ALL ANALYZE AS ASC AT AUDIT AVG BEGIN BOUNDS BY BYZANTINE CHECK CHECKPOINT COMMIT COMMITTED CONFLICT CONFLICTS CONSISTENT CONTRACT CONTRACTS COORDINATOR COSINE COUNT CREATE DEALLOCATE DELETE DENY DEPTH DESC DESCRIBE DETECT DISMISS DISTINCT DOT_PRODUCT DRIFT DROP DRY EMBEDDERS ENTITY EUCLIDEAN EXCEPT EXECUTE EXPLAIN EXPORT FEDERATION FIELD FIND FIRST FOR FORCE FORMAT FROM FULLTEXT GRANT GRANTS GROUP HAS HAVING HEALTH HEXAD HEXADS HISTORY IF IMPORT INSERT INTEGRITY INTERSECT INTERVAL INTO ISOLATION JACCARD KEEP KEY KEYS LAST LATEST LEVEL LIMIT MAX METRICS MIN MODIFIED NEAREST NORMALIZATION NORMALIZATIONS NORMALIZE NORMALIZER NULLS OF OFFSET ON ONLY ORDER PEERS POLICIES POLICY PREPARE PREPARED PROOF PROOFS QUERIES QUORUM RADIUS RANK READ REFLECT RELATED RELEASE REPAIR REPEATABLE REPLACE RESOLVE RESTORE REVERT REVOKE ROLE ROLES ROLLBACK ROTATE RUN SATISFIES SAVEPOINT SEARCH SELECT SERIALIZABLE SET SETTINGS SHAPE SHOW SLOW SNAPSHOT SNAPSHOTS STATEMENTS STATUS STORE STORES STRATEGY STRICT SUM SYNC TEXT THRESHOLD TIME TIMESTAMP TO TOLERANCE TOLERATE TRANSACTION TRANSACTIONS TRAVERSE TYPE UNION UPDATE USING VALUES VERIFICATION VERIFIED VERIFY VERSION WHERE WITH WORK WRITE'.split(' ');
// <<<

/** The words that open a clause; they are reserved, so they never name anything. */
const CLAUSES = 'SELECT FROM WHERE GROUP HAVING PROOF ORDER LIMIT OFFSET SET VALUES'.split(' ');

/** A keyword in any case. */
const word = (text) =>
  new RegExp([...text].map((c) => (/[A-Z]/.test(c) ? `[${c}${c.toLowerCase()}]` : c)).join(''));
const anyOf = (words) => choice(...words.map(word));
/** The words that other rules take. */
const SPECIAL = ['FEDERATION', 'MATCHES', ...CLAUSES];
const without = (words) => words.filter((text) => !SPECIAL.includes(text));

module.exports = grammar({
  name: 'vql',
  word: ($) => $.identifier,
  extras: ($) => [/[\s\u00a0\u2028\u2029\ufeff]/, $.comment],

  rules: {
    script: ($) => seq(repeat(';'), optional(seq($.statement, repeat(seq(repeat1(';'), $.statement)), repeat(';')))),

    statement: ($) => $._body,
    _body: ($) => choice(seq(repeat1($._item), repeat($.clause)), repeat1($.clause)),
    clause: ($) => prec.right(seq(alias(anyOf(CLAUSES), $.keyword), repeat($._item))),

    _item: ($) =>
      choice(
        $.federation, $.pattern_match, $.modality, $.constant, $.operator, $.keyword, $.call, $.path, $.edge,
        $.list, $.array, $.block, $._literal, $.comparison, $.sign,
      ),
    _literal: ($) => choice($.string, $.number, $.timestamp, $.parameter, $.id, $.legacy_source),

    federation: ($) => prec.right(seq(alias(word('FEDERATION'), $.keyword), optional($.glob))),
    pattern_match: ($) => prec.right(seq(alias(word('MATCHES'), $.operator), optional($.regex))),

    modality: () => anyOf(MODALITIES),
    constant: () => anyOf(CONSTANTS),
    operator: () => anyOf(without(OPERATORS)),
    keyword: () => anyOf(without(KEYWORDS)),

    call: ($) => prec(1, seq(field('function', $.identifier), $.list)),
    path: ($) => prec.right(choice($.identifier, $.member)),
    member: ($) =>
      prec.left(2, seq(choice($.identifier, $.modality, $.keyword, $.constant, $.operator, $.member), '.', field('name', choice($.identifier, '*')))),

    list: ($) => seq('(', optional($._body), ')'),
    array: ($) => seq('[', repeat($._item), ']'),
    block: ($) => seq('{', optional($._body), '}'),
    edge: ($) =>
      seq(choice('-[', '<-['), ':', field('type', $.identifier), optional($.quantifier), ']', choice('->', '-')),
    quantifier: ($) =>
      choice('+', seq('*', optional($.number), optional(seq('..', optional($.number)))), seq('{', $.number, ',', $.number, '}')),

    comment: () => token(choice(/--[^\n]*/, /\/\*[^*]*\*+([^/*][^*]*\*+)*\//)),
    string: () => token(choice(/'([^'\\]|\\[\s\S]|'')*'/, /"([^"\\]|\\[\s\S]|"")*"/)),
    number: () => token(prec(2, /\d+(\.\d+)?([eE][+-]?\d+)?/)),
    timestamp: () =>
      token(prec(3, /\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?/)),
    parameter: () => /[$@][A-Za-z0-9_]+/,
    identifier: () => /[A-Za-z_][A-Za-z0-9_]*/,
    /** A bare id: single hyphens between words. */
    id: () =>
      token(choice(
        /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/,
        /[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*(-[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*)+/,
        /[0-9]+[A-Za-z_][A-Za-z0-9_]*/,
        /\d+\.\d+\.\d+/,
      )),
    legacy_source: () => token(/[vV][eE][rR][iI][sS][iI][mM]:[A-Za-z_][A-Za-z0-9_\/]*(\/\*\*?)?/),
    regex: () => token(prec(4, /\/([^\/\\\n*]|\\[^\n])([^\/\\\n]|\\[^\n])*\//)),
    glob: () => token(prec(5, /(\/[A-Za-z0-9_.-]+)*\/\*\*?|(\/[A-Za-z0-9_.-]+)+/)),
    comparison: () => choice('==', '=', '!=', '<>', '<', '<=', '>', '>='),
    sign: () => choice('+', '-', '*', '/', ',', ':', '.', '..', '...', '?', '|', '@', '=>', '->', '<-', '∀', '∃', '∈'),
  },
});
