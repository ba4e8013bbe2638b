// What a statement answered, in the ways it can be looked at, and taken along.

import { Problem, query, write, type Answer, type Row } from './api.ts';
import { button, copy, el, save, show, tabs, type Child } from './dom.ts';
import { json } from './views/json.ts';
import { csv, edgesOf, idOf, placeOf, vectorOf } from './views/look.ts';
import { graph } from './views/graph.ts';
import { map } from './views/map.ts';
import { planOf } from './views/plan.ts';
import { scatter } from './views/scatter.ts';
import { table } from './views/table.ts';

export type View = 'table' | 'json' | 'graph' | 'map' | 'vectors' | 'plan';

/** Hexads whose graph, place or vector is fetched when the answer has only their ids. */
const FETCHED = 2000;

const MISSING = {
  graph: { has: (row: Row) => edgesOf(row) !== null, fields: 'id, title, types, GRAPH' },
  map: { has: (row: Row) => placeOf(row) !== null, fields: 'id, title, types, SPATIAL' },
  vectors: { has: (row: Row) => vectorOf(row) !== null, fields: 'id, title, types, VECTOR' },
} as const;

/** A failure, with its place and what to do. */
export function failure(cause: unknown, statement?: string, reveal?: (from: number, to: number) => void): HTMLElement {
  const problem = cause instanceof Problem ? cause : new Problem(String(cause), 0, 'Error');
  const { span } = problem;
  const lines = statement?.split('\n');
  const line = span && lines ? lines[span.start.line - 1] : undefined;
  const one = span !== null && span.end.line === span.start.line;
  const marks = span && line !== undefined
    ? ' '.repeat(Math.max(0, span.start.column - 1)) + '^'.repeat(Math.max(1, one ? span.end.column - span.start.column : 1)) : '';
  return el('div', { class: 'failure', role: 'alert' },
    el('p', { class: 'fact-line' }, el('span', { class: 'badge bad' }, problem.kind), ' ', problem.message),
    line !== undefined && span && el('pre', {}, `${String(span.start.line).padStart(3)} │ ${line}\n    │ ${marks}`),
    problem.expected.length > 0 && el('p', {}, `Expected ${problem.expected.length > 1 ? 'one of ' : ''}${problem.expected.join(', ')}`),
    problem.hint && el('p', { class: 'hint' }, problem.hint),
    span && reveal && statement !== undefined
      && button('Show the place', () => reveal(...offsets(statement, span)), { class: 'small' }),
    problem.request && el('p', { class: 'muted' }, `request ${problem.request}`));
}

/** Positions in the text for places in lines and characters. */
export function offsets(statement: string, span: NonNullable<Problem['span']>): [number, number] {
  const lines = statement.split('\n');
  const at = (place: { line: number; column: number }): number => {
    const before = lines.slice(0, place.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    // Columns count characters; texts here count UTF-16.
    return before + [...(lines[place.line - 1] ?? '')].slice(0, place.column - 1).join('').length;
  };
  const [from, to] = [at(span.start), at(span.end)];
  return [from, Math.max(to, from)];
}

const plural = (count: number, one: string): string => `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`;

export function summary(answer: Answer): string {
  const rows = answer.columns.length > 0 || answer.affected === null ? plural(answer.rows.length, 'row') : '';
  const affected = answer.affected !== null ? plural(answer.affected, 'hexad') + ' written' : '';
  return [rows, affected, `${answer.elapsed.toLocaleString('en-US', { maximumFractionDigits: 1 })} ms`].filter(Boolean).join(' · ');
}

/** Shows one value, or a whole row, beside the results. */
export function inspect(row: Row, column?: string): void {
  const dialog = el('dialog', { class: 'drawer', 'aria-label': 'Details' });
  const id = idOf(row);
  const body = el('div', { class: 'body' }, json(column === undefined ? row : row[column] ?? null));
  const whole = async (): Promise<void> => {
    try {
      const answer = await query('SELECT * FROM hexads WHERE id = $id', { params: { id: id ?? '' } });
      show(body, answer.rows[0] ? json(answer.rows[0]) : el('p', { class: 'padded' }, `${id} does not exist`));
    } catch (cause) {
      show(body, failure(cause));
    }
  };
  dialog.append(el('header', {}, el('h2', {}, column ?? id ?? 'Row'),
    column !== undefined && button('Whole row', () => show(body, json(row))),
    id !== null && button('Whole hexad', () => void whole()),
    button('Copy', () => void copy(write(column === undefined ? row : row[column] ?? null, 2), 'JSON')),
    button('Close', () => dialog.close(), { class: 'close' })), body);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.appendChild(dialog);
  dialog.showModal();
}

/** The panel of one answer. */
export class Results {
  readonly host = el('div', { class: 'answer' });
  private readonly body = el('div', { class: 'view', role: 'tabpanel', id: 'view' });
  private readonly bar = el('div', { class: 'bar-of-results' });

  constructor(private readonly answer: Answer, private view: View, private readonly chose: (view: View) => void) {
    if (planOf(answer)) this.view = 'plan';
    else if (this.view === 'plan' || !this.possible(this.view)) this.view = 'table';
    this.host.append(this.bar, this.notices(), this.body);
    this.draw();
  }

  private notices(): HTMLElement {
    return el('div', { class: 'notices' }, this.answer.notices.map((notice) =>
      el('p', { class: 'notice' }, notice.message, notice.hint && el('span', { class: 'muted' }, ` ${notice.hint}`))));
  }

  private possible(view: View): boolean {
    if (view === 'table' || view === 'json') return true;
    if (view === 'plan') return planOf(this.answer) !== null;
    const rows = this.answer.rows;
    return rows.some((row) => MISSING[view].has(row)) || rows.some((row) => idOf(row) !== null);
  }

  private draw(): void {
    const { answer } = this;
    const choice = (id: View, label: string): { id: string; label: string; disabled: boolean } =>
      ({ id, label, disabled: !this.possible(id) });
    show(this.bar, tabs('View of the result', [
      choice('table', 'Table'), choice('json', 'JSON'), choice('graph', 'Graph'), choice('map', 'Map'),
      choice('vectors', 'Vectors'), ...planOf(answer) ? [choice('plan', 'Plan')] : [],
    ], this.view, (id) => {
      this.view = id as View;
      this.chose(this.view);
      this.draw();
    }, 'view'),
    el('span', { class: 'summary' }, summary(answer), answer.truncated ? ' · cut' : ''),
    el('span', { class: 'take' },
      button('Copy', () => void copy(csv(answer.columns, answer.rows).replaceAll('\r\n', '\n'), 'CSV'), { title: 'Copy as CSV' }),
      button('CSV', () => save(csv(answer.columns, answer.rows), 'result.csv', 'text/csv'), { title: 'Save as CSV' }),
      button('JSON', () => save(write(answer.rows, 1), 'result.json', 'application/json'), { title: 'Save as JSON' })));
    this.body.className = `view ${this.view}-view`;
    void this.fill();
  }

  private async fill(): Promise<void> {
    const { answer, view } = this;
    const rows = answer.rows;
    if (view === 'json') return show(this.body, json(answer.rows));
    if (view === 'plan') return show(this.body, planOf(answer));
    if (view === 'table') {
      if (answer.columns.length === 0) return show(this.body, el('p', { class: 'empty' }, 'Done. The statement answers no rows.'));
      return show(this.body, table(answer.columns, rows, inspect),
        rows.length === 0 && el('p', { class: 'empty' }, 'No rows.'));
    }
    const said = rows.some((row) => MISSING[view].has(row)) ? { rows, note: null } : await this.fetched(view);
    if (this.view !== view) return;
    const draws = { graph, map, vectors: scatter };
    const useful = view === 'graph' ? said.rows : said.rows.filter((row) => MISSING[view].has(row));
    const none: Child = el('p', { class: 'empty' }, {
      graph: 'These hexads have no edges.', map: 'These hexads have no place.', vectors: 'These hexads have no vector.',
    }[view]);
    show(this.body, said.note, useful.length > 0 ? draws[view](view === 'graph' ? said.rows : said.rows, (row) => inspect(row)) : said.note ? null : none);
  }

  /** The modality that a view needs, of the hexads in the answer. */
  private async fetched(view: 'graph' | 'map' | 'vectors'): Promise<{ rows: Row[]; note: Child }> {
    show(this.body, el('p', { class: 'empty' }, 'Loading ..'));
    const ids = [...new Set(this.answer.rows.flatMap((row) => idOf(row) ?? []))].slice(0, view === 'graph' ? 250 : FETCHED);
    try {
      const answer = await query(`SELECT ${MISSING[view].fields} FROM hexads WHERE id IN $ids`, { params: { ids } });
      return { rows: answer.rows, note: null };
    } catch (cause) {
      return { rows: [], note: failure(cause) };
    }
  }
}
