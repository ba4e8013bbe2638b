// Where statements begin and end in a text, to know which one the cursor stands in. The server parses.

export interface Piece { from: number; to: number; text: string }

/** The position after what is quoted, commented, or one character. */
function past(text: string, at: number): number {
  const here = text[at];
  if (here === "'" || here === '"') {
    for (let i = at + 1; i < text.length; i += 1) {
      if (text[i] === '\\') i += 1;
      else if (text[i] === here && text[i + 1] === here) i += 1;
      else if (text[i] === here) return i + 1;
    }
    return text.length;
  }
  if (here === '-' && text[at + 1] === '-') {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end + 1;
  }
  if (here === '/' && text[at + 1] === '*') {
    const end = text.indexOf('*/', at + 2);
    return end < 0 ? text.length : end + 2;
  }
  return at + 1;
}

/** A text without comments at its ends: where what is left begins and ends. */
function bare(text: string, from: number, to: number): Piece | null {
  let start = from;
  while (start < to) {
    const comment = text.startsWith('--', start) || text.startsWith('/*', start);
    if (!comment && !/\s/.test(text[start])) break;
    start = comment ? past(text, start) : start + 1;
  }
  const said = text.slice(start, to).trimEnd();
  return said === '' || start >= to ? null : { from: start, to: start + said.length, text: said };
}

/** The statements of a text. */
export function statements(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (let at = 0; at < text.length;) {
    if (text[at] === ';') {
      const piece = bare(text, from, at);
      if (piece) found.push(piece);
      at += 1;
      from = at;
    } else {
      at = past(text, at);
    }
  }
  const last = bare(text, from, text.length);
  if (last) found.push(last);
  return found;
}

/** The statement at a position: the one around it, or the one before. */
export function statementAt(text: string, at: number): Piece | null {
  const all = statements(text);
  return all.find((piece) => at <= piece.to + 1) ?? all.at(-1) ?? null;
}

/** The names of the parameters of a text, `$name` or `$1`, in their order. */
export function parameters(text: string): string[] {
  const found = new Set<string>();
  for (let at = 0; at < text.length;) {
    const name = text[at] === '$' ? /^\$(\w+)/.exec(text.slice(at, at + 80))?.[1] : undefined;
    if (name) found.add(name);
    at = name ? at + name.length + 1 : past(text, at);
  }
  return [...found];
}
