/** Finds the statements of a text: a `;` in a string, a comment, a path or a regular expression ends nothing. */

export interface Statement {
  /** First character. */
  start: number;
  /** One past the last character, without the `;`. */
  end: number;
}

/** What cannot be cut: blanks, comments, paths, regular expressions, strings, words, signs. */
const LEAF =
  /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^'\\]|\\[\s\S]?)*'?|"(?:[^"\\]|\\[\s\S]?)*"?|\w+|[\s\S]/y;
const PATH = /\/[\w./-]*\*{0,2}/y;
const REGEX = /\/(?:[^/\\\n]|\\[^\n])*\/?/y;

export function statements(text: string): Statement[] {
  const found: Statement[] = [];
  let start = -1;
  let end = 0;
  let word = "";
  for (let at = 0; at < text.length; ) {
    const pattern =
      text[at] === "/" && word === "FEDERATION" ? PATH : text[at] === "/" && word === "MATCHES" && text[at + 1] !== "*" ? REGEX : LEAF;
    pattern.lastIndex = at;
    const leaf = pattern.exec(text)?.[0] ?? text.charAt(at);
    const trivia = pattern === LEAF && /^(?:\s|--|\/\*)/.test(leaf);
    if (leaf === ";") {
      if (start >= 0) found.push({ start, end });
      start = -1;
    } else if (!trivia) {
      if (start < 0) start = at;
      end = at + leaf.length;
    }
    if (!trivia) word = /^\w/.test(leaf) ? leaf.toUpperCase() : "";
    at += leaf.length;
  }
  if (start >= 0) found.push({ start, end });
  return found;
}

/** The statement at a place, or the next one behind it, or the last. */
export function statementAt(text: string, at: number): string | undefined {
  const all = statements(text);
  const found = all.find((statement) => at <= statement.end + 1) ?? all.at(-1);
  return found && text.slice(found.start, found.end);
}
