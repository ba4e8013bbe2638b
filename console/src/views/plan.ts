// A plan as a tree: what every step is expected to find and to cost, and what it really did.

import type { Answer, Value } from '../api.ts';
import { el, type Child } from '../dom.ts';
import { json } from './json.ts';
import { brief } from './look.ts';

type Part = { [key: string]: Value };

const part = (value: Value | undefined): Part | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
const parts = (value: Value | undefined): Part[] =>
  Array.isArray(value) ? value.map(part).filter((one) => one !== null) : [];
const number = (value: Value | undefined): number | null => typeof value === 'number' ? value : null;
const text = (value: Value | undefined): string | null => typeof value === 'string' ? value : null;

/** A step, whichever form the server spoke. */
interface Step {
  label: string; modality: string | null; predicates: string[]; reason: string | null; exact: boolean | null;
  expected: number | null; cost: number | null; actual: number | null; time: number | null; loops: number | null;
  memory: number | null; records: number | null; alternatives: { label: string; reason: string | null; cost: number | null }[];
  inputs: Step[];
}

const EMPTY: Step = {
  label: '', modality: null, predicates: [], reason: null, exact: null, expected: null, cost: null, actual: null,
  time: null, loops: null, memory: null, records: null, alternatives: [], inputs: [],
};

function step(said: Part): Step {
  const [estimate, actual] = [part(said['estimate']), part(said['actual'])];
  return {
    label: text(said['label']) ?? text(said['kind']) ?? 'step', modality: text(said['modality']),
    predicates: Array.isArray(said['predicates']) ? said['predicates'].map(String) : [],
    reason: text(said['reason']), exact: typeof said['exact'] === 'boolean' ? said['exact'] : null,
    expected: number(estimate?.['rows']), cost: number(estimate?.['cost_us']),
    actual: number(actual?.['rows']), time: number(actual?.['time_us']), loops: number(actual?.['loops']),
    memory: number(actual?.['memory_bytes']), records: number(actual?.['records_read']),
    alternatives: parts(said['alternatives']).map((other) => ({
      label: text(other['label']) ?? '', reason: text(other['reason']), cost: number(part(other['estimate'])?.['cost_us']),
    })),
    inputs: parts(said['inputs']).map(step),
  };
}

/** The same from lines of text, where indentation says what reads from what. */
function fromLines(lines: string[]): { root: Step; notes: string[] } {
  const root: Step = { ...EMPTY, label: lines[0] ?? '', inputs: [] };
  const open: { depth: number; step: Step }[] = [{ depth: -1, step: root }];
  const notes: string[] = [];
  for (const line of lines.slice(1)) {
    const found = /^(\s*)->\s*(.*)$/.exec(line);
    if (!found) {
      notes.push(line.trim());
      continue;
    }
    const made: Step = { ...EMPTY, label: found[2], inputs: [] };
    const rows = /\((?:.*?about )?(\d+)(?: of \d+)? rows\)/.exec(found[2])?.[1];
    if (rows) made.expected = Number(rows);
    while ((open.at(-1)?.depth ?? -1) >= found[1].length) open.pop();
    open.at(-1)?.step.inputs.push(made);
    open.push({ depth: found[1].length, step: made });
  }
  return { root, notes };
}

function time(micros: number): string {
  return micros < 1000 ? `${brief(micros)} µs` : `${brief(micros / 1000)} ms`;
}

function size(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : bytes < 1 << 20 ? `${brief(bytes / 1024)} KiB` : `${brief(bytes / (1 << 20))} MiB`;
}

/** How far off an estimate was. */
function off(one: Step): { factor: number; low: boolean } | null {
  if (one.expected === null || one.actual === null) return null;
  const [expected, actual] = [Math.max(one.expected, 1), Math.max(one.actual, 1)];
  return { factor: Math.max(expected / actual, actual / expected), low: expected < actual };
}

function greatest(root: Step, of: (one: Step) => number): number {
  return Math.max(of(root), ...root.inputs.map((input) => greatest(input, of)));
}

function bar(label: string, value: number, most: number): HTMLElement {
  return el('span', { class: 'bar', title: label },
    el('i', { style: { width: `${Math.max(2, Math.round(100 * value / (most || 1)))}%` } }), el('span', {}, label));
}

function drawn(one: Step, most: { cost: number; time: number }): HTMLElement {
  const wrong = off(one);
  const facts: Child[] = [
    one.expected !== null && el('span', { class: 'fact' }, `expected ${brief(one.expected)} rows`),
    one.actual !== null && el('span', { class: 'fact' }, `found ${one.actual} rows`),
    wrong && wrong.factor >= 3 && el('span', { class: 'fact warn' },
      `${brief(wrong.factor)} times ${wrong.low ? 'more' : 'fewer'} than expected`),
    one.cost !== null && bar(`cost ${time(one.cost)}`, one.cost, most.cost),
    one.time !== null && bar(`took ${time(one.time)}`, one.time, most.time),
    one.loops !== null && one.loops > 1 && el('span', { class: 'fact' }, `${one.loops} times`),
    one.records !== null && one.records > 0 && el('span', { class: 'fact' }, `${one.records} records read`),
    one.memory !== null && one.memory > 0 && el('span', { class: 'fact' }, size(one.memory)),
    one.exact === false && el('span', { class: 'fact' }, 'looked at again'),
  ];
  return el('li', { role: 'treeitem', 'aria-expanded': one.inputs.length > 0 ? 'true' : undefined },
    el('div', { class: 'step' },
      el('div', { class: 'what' }, one.modality && el('span', { class: 'badge' }, one.modality), el('strong', {}, one.label)),
      one.predicates.length > 0 && el('div', { class: 'code' }, one.predicates.join(' AND ')),
      el('div', { class: 'facts' }, facts),
      one.reason && el('div', { class: 'muted' }, one.reason),
      one.alternatives.length > 0 && el('details', {}, el('summary', {}, `${one.alternatives.length} other ways`),
        el('ul', { class: 'others' }, one.alternatives.map((other) =>
          el('li', {}, other.label, other.cost !== null && ` (cost ${time(other.cost)})`, other.reason && `: ${other.reason}`))))),
    one.inputs.length > 0 && el('ul', { role: 'group' }, one.inputs.map((input) => drawn(input, most))));
}

function tree(root: Step): HTMLElement {
  const most = { cost: greatest(root, (one) => one.cost ?? 0), time: greatest(root, (one) => one.time ?? 0) };
  return el('ul', { class: 'plan', role: 'tree', 'aria-label': 'Plan' }, drawn(root, most));
}

/** The plan in an answer, if it holds one: of `EXPLAIN (json)`, or of its text form. */
export function planOf(answer: Answer): HTMLElement | null {
  const first = answer.rows[0]?.['plan'];
  if (!answer.columns.includes('plan') || first === undefined) return null;
  const said = part(first);
  if (!said) {
    const { root, notes } = fromLines(answer.rows.map((row) => String(row['plan'] ?? '')));
    return el('div', { class: 'padded' }, tree(root), notes.map((note) => el('p', { class: 'note' }, note)));
  }
  const root = part(said['plan']);
  if (!root) return json(first);
  const run = part(said['run']);
  const shares = parts(said['modalities']);
  return el('div', { class: 'padded' },
    run && el('p', { class: 'note' }, `Found ${number(run['rows']) ?? 0} rows in ${time(number(run['time_us']) ?? 0)}, `
      + `${number(run['records_read']) ?? 0} records read, ${size(number(run['memory_bytes']) ?? 0)} held; `
      + `planning took ${time(number(run['planning_us']) ?? 0)}.`),
    parts(said['hints']).map((hint) => el('p', { class: 'hint' }, el('strong', {}, text(hint['message'])),
      text(hint['advice']) && el('span', {}, ` ${text(hint['advice'])}`))),
    tree(step(root)),
    shares.length > 0 && el('table', { class: 'plain narrow' }, el('caption', {}, 'Cost by modality'), el('tbody', {},
      shares.map((share) => el('tr', {}, el('th', { scope: 'row' }, text(share['modality'])),
        el('td', {}, bar(`${Math.round(100 * (number(share['share']) ?? 0))} %`, number(share['share']) ?? 0, 1)),
        el('td', { class: 'right' }, time(number(share['cost_us']) ?? 0)))))),
    (Array.isArray(said['notes']) ? said['notes'] : []).map((note) => el('p', { class: 'note' }, String(note))));
}
