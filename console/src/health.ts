// The page for those who keep a database running: its state, its modalities, what takes long, who is at
// work, who may come in and what was decided. What somebody may not see, or the server does not have, is left out.

import { Problem, query, type Answer, type Row, type Value } from './api.ts';
import { button, el, show, type Child } from './dom.ts';
import { failure, inspect } from './results.ts';
import { line } from './views/look.ts';
import { table } from './views/table.ts';

const text = (value: Value | undefined): string => value === null || value === undefined ? '' : line(value);

function bytes(value: Value | undefined): string {
  if (typeof value !== 'number') return text(value);
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const at = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, value)) / 10)));
  return `${(value / 1024 ** at).toFixed(at === 0 ? 0 : 1)} ${units[at]}`;
}

function shown(name: string, value: Value): string {
  if (value === null) return '–';
  if (name.endsWith('_bytes')) return bytes(value);
  if (name === 'uptime_seconds' && typeof value === 'number') {
    const [days, hours, minutes] = [Math.floor(value / 86400), Math.floor(value / 3600) % 24, Math.floor(value / 60) % 60];
    return days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${Math.floor(value % 60)} s`;
  }
  return typeof value === 'number' ? value.toLocaleString('en-US') : line(value);
}

interface Part { title: string; statement: string; draw: (answer: Answer, title: string) => Child; optional?: boolean }

function facts(row: Row | undefined): HTMLElement {
  return el('dl', { class: 'facts-list' }, Object.entries(row ?? {}).map(([name, value]) => [
    el('div', {}, el('dt', {}, name.replaceAll('_', ' ')), el('dd', { class: name === 'status' ? `state ${text(value)}` : '' }, shown(name, value)))]));
}

function small(answer: Answer, title: string): HTMLElement {
  const figures = (name: string): boolean => answer.rows.every((row) => row[name] === null || typeof row[name] === 'number')
    && answer.rows.some((row) => row[name] !== null);
  const right = new Set(answer.columns.filter(figures));
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title }, el('table', { class: 'plain' },
    el('thead', {}, el('tr', {}, answer.columns.map((name) => el('th', { scope: 'col', class: right.has(name) ? 'right' : '' }, name.replaceAll('_', ' '))))),
    el('tbody', {}, answer.rows.map((row) => el('tr', {}, answer.columns.map((name) => el('td', {
      class: right.has(name) ? 'right' : row[name] === 'serving' || row[name] === 'healthy' ? 'state healthy' : '',
    }, shown(name, row[name] ?? null))))))));
}

const long = (answer: Answer, none: string): Child => answer.rows.length === 0 ? el('p', { class: 'empty' }, none)
  : el('div', { class: 'boxed' }, table(answer.columns, answer.rows, (row) => inspect(row)));

const PARTS: Part[] = [
  { title: 'Database', statement: 'SHOW STATUS', draw: (answer) => facts(answer.rows[0]) },
  { title: 'Modalities', statement: 'SHOW HEALTH', draw: small },
  { title: 'Slow queries', statement: 'SHOW SLOW QUERIES', draw: (answer) => long(answer, 'No statement was slow.'), optional: true },
  { title: 'Statements', statement: 'SHOW STATEMENTS', draw: (answer) => long(answer, 'No statement was run.'), optional: true },
  { title: 'Open transactions', statement: 'SHOW TRANSACTIONS', draw: (answer, title) => answer.rows.length === 0 ? el('p', { class: 'empty' }, 'None.') : small(answer, title) },
  { title: 'Keys', statement: 'SHOW KEYS', draw: (answer) => long(answer, 'There are no keys.'), optional: true },
  { title: 'Audit', statement: 'SHOW AUDIT LIMIT 100', draw: (answer) => long(answer, 'Nothing was decided yet.'), optional: true },
  { title: 'Settings', statement: 'SHOW SETTINGS', draw: small },
];

export class HealthPage {
  readonly host = el('section', { class: 'page board', 'aria-label': 'Health' });
  private readonly cards = PARTS.map((part) => el('div', { class: `card${part.title === 'Database' ? '' : ' wide'}` }, el('h2', {}, part.title)));

  constructor() {
    this.host.append(el('header', { class: 'title' }, el('h1', {}, 'Health'),
      button('Look again', () => void this.load(), { class: 'primary' })), el('div', { class: 'cards' }, this.cards));
  }

  async load(): Promise<void> {
    await Promise.all(PARTS.map(async (part, at) => {
      const card = this.cards[at];
      try {
        show(card, el('h2', {}, part.title), part.draw(await query(part.statement), part.title));
        card.hidden = false;
      } catch (cause) {
        // Not every server has every part; what it does have and cannot tell is said.
        card.hidden = part.optional === true && cause instanceof Problem && [400, 403, 501].includes(cause.status);
        show(card, el('h2', {}, part.title), failure(cause, part.statement));
      }
    }));
  }
}
