// How single values look: vectors shortened, texts cut, kinds told apart; and what a row says about a hexad.

import { write, type Row, type Value } from '../api.ts';
import { el, type Child } from '../dom.ts';

/** Lists of at least so many numbers are vectors: they are shortened. */
const VECTOR = 9;
const LONGEST = 160;

export const isVector = (value: Value): value is number[] =>
  Array.isArray(value) && value.length >= VECTOR && value.every((part) => typeof part === 'number');

/** A number with few digits. */
export function brief(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

export function vectorText(value: number[]): string {
  return `[${value.slice(0, 3).map(brief).join(', ')}, … ${value.length} numbers]`;
}

/** A value on one line. */
export function line(value: Value): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value);
  if (isVector(value)) return vectorText(value);
  if (Array.isArray(value)) {
    const parts = value.slice(0, 12).map((part) => typeof part === 'string' ? part : line(part));
    return `[${parts.join(', ')}${value.length > 12 ? `, … ${value.length}` : ''}]`.slice(0, 4 * LONGEST);
  }
  const parts = Object.entries(value).slice(0, 8).map(([name, part]) => `${name}: ${line(part)}`);
  return `{${parts.join(', ')}}`.slice(0, 4 * LONGEST);
}

/** The same as an element, colored by kind. */
export function cell(value: Value): Child {
  if (value === null || value === undefined) return el('span', { class: 'null' }, 'null');
  if (typeof value === 'boolean') return el('span', { class: 'bool' }, String(value));
  if (typeof value === 'string') return value.length > 4 * LONGEST ? `${value.slice(0, 4 * LONGEST)}…` : value;
  if (typeof value !== 'object') return String(value);
  return el('span', { class: 'made' }, line(value));
}

/** One value as tab- or comma-separated forms want it. */
export function plain(value: Value): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? write(value) : String(value);
}

/** RFC 4180, with a byte order mark left out. Cells that a spreadsheet would run as formulas stay what they are. */
export function csv(columns: string[], rows: Row[]): string {
  const quoted = (text: string): string => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = [columns, ...rows.map((row) => columns.map((name) => plain(row[name] ?? null)))];
  return lines.map((cells) => cells.map(quoted).join(',')).join('\r\n') + '\r\n';
}

export interface Edge { from: string; to: string; predicate: string }

const text = (value: Value | undefined): string | null => typeof value === 'string' ? value : null;
const object = (value: Value | undefined): { [key: string]: Value } | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;

/** The hexad that a row is about. */
export function idOf(row: Row): string | null {
  return text(row['id']) ?? text(row['hexad_id']) ?? text(row['hexad']) ?? text(row['h.id']);
}

export function titleOf(row: Row): string | null {
  return text(row['title']) ?? text(row['document.title']) ?? text(object(row['document'])?.['title']);
}

/** Its first semantic type that says something: the second one often says more than what all have. */
export function typesOf(row: Row): string[] {
  const said = row['types'] ?? row['semantic.types'] ?? object(row['semantic'])?.['types'];
  return Array.isArray(said) ? said.filter((type): type is string => typeof type === 'string') : [];
}

export function edgesOf(row: Row): Edge[] | null {
  const id = idOf(row);
  const said = object(row['graph'])?.['edges'];
  if (id === null || !Array.isArray(said)) return null;
  return said.flatMap((edge) => {
    const to = text(object(edge)?.['target']);
    return to === null ? [] : [{ from: id, to, predicate: text(object(edge)?.['predicate']) ?? '' }];
  });
}

export function placeOf(row: Row): { latitude: number; longitude: number } | null {
  const from = object(row['spatial']) ?? row;
  const latitude = from['latitude'] ?? row['spatial.latitude'];
  const longitude = from['longitude'] ?? row['spatial.longitude'];
  return typeof latitude === 'number' && typeof longitude === 'number' ? { latitude, longitude } : null;
}

export function vectorOf(row: Row): number[] | null {
  for (const value of Object.values(row)) {
    const inner = object(value)?.['embedding'] ?? value;
    if (isVector(inner)) return inner;
  }
  return null;
}

/** Categories for colors: the types that tell the rows apart, the most common ones first. */
export function categories(rows: Row[]): { of: (row: Row) => string; names: string[] } {
  const count = new Map<string, number>();
  for (const row of rows) for (const type of typesOf(row)) count.set(type, (count.get(type) ?? 0) + 1);
  const useful = (type: string): boolean => (count.get(type) ?? 0) < rows.length || count.size === 1;
  const of = (row: Row): string => {
    const own = typesOf(row).filter(useful);
    own.sort((a, b) => (count.get(b) ?? 0) - (count.get(a) ?? 0));
    return own[0] ?? typesOf(row)[0] ?? 'no type';
  };
  const used = new Map<string, number>();
  for (const row of rows) used.set(of(row), (used.get(of(row)) ?? 0) + 1);
  return { of, names: [...used].sort((a, b) => b[1] - a[1]).map(([name]) => name) };
}

/** The color of a category: eight, then gray. */
export const tint = (names: string[], name: string): string => {
  const at = names.indexOf(name);
  return at >= 0 && at < (names.length > 10 ? 9 : 10) ? `var(--k${at})` : 'var(--k-rest)';
};

/** What the colors mean. */
export function legend(names: string[]): HTMLElement {
  const shown = names.length > 10 ? names.slice(0, 9) : names;
  return el('ul', { class: 'legend', 'aria-label': 'Colors' },
    shown.map((name) => el('li', {}, el('i', { style: { background: tint(names, name) } }), name)),
    names.length > shown.length
      && el('li', {}, el('i', { style: { background: 'var(--k-rest)' } }), `${names.length - shown.length} more`));
}
