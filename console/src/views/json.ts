// JSON as a tree: parts are made when they are opened, vectors are shortened until asked for.

import type { Value } from '../api.ts';
import { button, el, type Child } from '../dom.ts';
import { isVector, vectorText } from './look.ts';

const AT_ONCE = 100;

function leaf(value: Value): Child {
  const kind = value === null ? 'null' : typeof value;
  return el('span', { class: `j-${kind}` }, kind === 'string' ? JSON.stringify(value) : String(value));
}

function vector(value: number[]): HTMLElement {
  const place = el('span', {}, el('span', { class: 'made' }, vectorText(value)), ' ');
  place.appendChild(button('show', () => place.replaceChildren(`[${value.join(', ')}]`), { class: 'small' }));
  return place;
}

function entries(value: Value[] | { [key: string]: Value }, from: number, into: HTMLElement, depth: number): void {
  const all = Array.isArray(value) ? value.map((part, at) => [at, part] as const) : Object.entries(value);
  for (const [name, part] of all.slice(from, from + AT_ONCE)) {
    into.appendChild(el('div', { class: 'j-line' }, node(part, depth + 1, name)));
  }
  if (all.length <= from + AT_ONCE) return;
  const more = button(`show ${Math.min(AT_ONCE, all.length - from - AT_ONCE)} more of ${all.length}`, () => {
    more.remove();
    entries(value, from + AT_ONCE, into, depth);
  }, { class: 'small' });
  into.appendChild(more);
}

function node(value: Value, depth: number, name?: string | number): Child {
  const label: Child = name === undefined ? null : el('span', { class: 'j-name' }, `${name}: `);
  if (value === null || typeof value !== 'object') return [label, leaf(value)];
  if (isVector(value)) return [label, vector(value)];
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  const short = Array.isArray(value) ? `[${size}]` : `{${size}}`;
  if (size === 0) return [label, short.replace('0', '')];
  const inside = el('div', { class: 'j-inside' });
  const made = el('details', {}, el('summary', {}, label, el('span', { class: 'made' }, short)), inside);
  const fill = (): void => {
    if (inside.childElementCount === 0) entries(value, 0, inside, depth);
  };
  made.addEventListener('toggle', fill);
  if (depth < 3) {
    made.open = true;
    fill();
  }
  return made;
}

/** The tree of a value. */
export function json(value: Value, depth = 0): HTMLElement {
  return el('div', { class: 'json', tabindex: 0, role: 'region', 'aria-label': 'JSON' }, node(value, depth));
}
