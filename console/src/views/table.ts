// Results as a table: only the rows in sight exist. Arrow keys move, Enter shows a value whole.

import type { Row, Value } from '../api.ts';
import { copy, el, show } from '../dom.ts';
import { cell, line, plain } from './look.ts';

const HEIGHT = 28;
const AROUND = 8;
const WIDEST = 420;

interface Order { column: string; down: boolean }

function compare(a: Value, b: Value): number {
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  if ((typeof a === 'number' || typeof a === 'bigint') && (typeof b === 'number' || typeof b === 'bigint')) {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return line(a).localeCompare(line(b), undefined, { numeric: true });
}

const numeric = (rows: Row[], name: string): boolean =>
  rows.length > 0 && rows.slice(0, 50).every((row) => row[name] === null || typeof row[name] === 'number')
  && rows.slice(0, 50).some((row) => typeof row[name] === 'number');

function width(rows: Row[], name: string): number {
  const longest = rows.slice(0, 100).reduce((most, row) => Math.max(most, line(row[name] ?? null).length), 4);
  return Math.round(Math.min(WIDEST, Math.max(longest, name.length + 2) * 7.4 + 24));
}

/** A grid over the rows of an answer. */
export function table(columns: string[], rows: Row[], open: (row: Row, column: string) => void): HTMLElement {
  const widths = columns.map((name) => width(rows, name));
  const right = columns.map((name) => numeric(rows, name));
  let order: Order | null = null;
  let sorted = rows;
  let active = { row: 0, column: 0 };

  const body = el('div', { class: 'rows', role: 'rowgroup' });
  const head = el('div', { class: 'head', role: 'rowgroup' });
  const grid = el('div', {
    class: 'grid', role: 'grid', 'aria-label': 'Rows', 'aria-rowcount': rows.length + 1, 'aria-colcount': columns.length,
    tabindex: 0,
  }, head, body);

  const template = (): string => ['56px', ...widths.map((one, at) =>
    at === widths.length - 1 ? `minmax(${one}px, 1fr)` : `${one}px`)].join(' ');
  const name = (at: number): string => `cell-${at}-${active.column}`;

  function resize(at: number, event: PointerEvent): void {
    event.preventDefault();
    const [from, before] = [event.clientX, widths[at]];
    const move = (to: PointerEvent): void => {
      widths[at] = Math.max(48, before + to.clientX - from);
      grid.style.setProperty('--columns', template());
    };
    const done = (): void => window.removeEventListener('pointermove', move);
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', done, { once: true });
  }

  function sort(column: string): void {
    order = order?.column === column ? (order.down ? null : { column, down: true }) : { column, down: false };
    const by = order;
    sorted = by === null ? rows
      : [...rows].sort((a, b) => compare(a[by.column] ?? null, b[by.column] ?? null) * (by.down ? -1 : 1));
    titles();
    draw();
  }

  function titles(): void {
    const said = (column: string): string => order?.column !== column ? 'none' : order.down ? 'descending' : 'ascending';
    show(head, el('div', { class: 'row', role: 'row', 'aria-rowindex': 1 },
      el('div', { class: 'cell number', role: 'columnheader' }, '#'),
      columns.map((column, at) => el('div', {
        class: `cell${right[at] ? ' right' : ''}`, role: 'columnheader', 'aria-sort': said(column), title: column,
      },
      el('button', { type: 'button', tabindex: -1, class: 'sort', onclick: () => sort(column) },
        column, el('span', { class: 'arrow', 'aria-hidden': 'true' }, order?.column === column ? (order.down ? ' ↓' : ' ↑') : '')),
      el('span', { class: 'grip', onpointerdown: (event: PointerEvent) => resize(at, event) })))));
  }

  function draw(): void {
    const top = Math.max(0, Math.floor((grid.scrollTop - HEIGHT) / HEIGHT) - AROUND);
    const seen = Math.ceil((grid.clientHeight || 600) / HEIGHT) + 2 * AROUND;
    const shown = sorted.slice(top, top + seen);
    body.style.setProperty('height', `${sorted.length * HEIGHT}px`);
    show(body, shown.map((row, index) => {
      const at = top + index;
      return el('div', {
        class: `row${at % 2 ? ' odd' : ''}`, role: 'row', 'aria-rowindex': at + 2,
        style: { transform: `translateY(${at * HEIGHT}px)` },
      },
      el('div', { class: 'cell number', role: 'rowheader' }, at + 1),
      columns.map((column, place) => el('div', {
        class: `cell${right[place] ? ' right' : ''}${at === active.row && place === active.column ? ' active' : ''}`,
        role: 'gridcell', id: `cell-${at}-${place}`, 'aria-colindex': place + 1,
        onclick: () => { active = { row: at, column: place }; draw(); },
        ondblclick: () => open(row, column),
      }, cell(row[column] ?? null))));
    }));
    grid.setAttribute('aria-activedescendant', name(active.row));
  }

  function move(rowsBy: number, columnsBy: number): void {
    active = {
      row: Math.min(Math.max(active.row + rowsBy, 0), sorted.length - 1),
      column: Math.min(Math.max(active.column + columnsBy, 0), columns.length - 1),
    };
    const top = active.row * HEIGHT;
    if (top < grid.scrollTop) grid.scrollTop = top;
    if (top + 2 * HEIGHT > grid.scrollTop + grid.clientHeight) grid.scrollTop = top + 2 * HEIGHT - grid.clientHeight;
    draw();
    document.getElementById(name(active.row))?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  const page = (): number => Math.max(1, Math.floor(grid.clientHeight / HEIGHT) - 2);
  grid.addEventListener('keydown', (event) => {
    const value = sorted[active.row];
    const steps: Record<string, [number, number]> = {
      ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], PageDown: [page(), 0],
      PageUp: [-page(), 0], Home: [event.ctrlKey ? -sorted.length : 0, -columns.length],
      End: [event.ctrlKey ? sorted.length : 0, columns.length],
    };
    const step = steps[event.key];
    if (step) move(...step);
    else if (event.key === 'Enter' && value) open(value, columns[active.column]);
    else if (event.key === 'c' && (event.ctrlKey || event.metaKey) && value && !window.getSelection()?.toString()) {
      void copy(plain(value[columns[active.column]] ?? null), 'Value');
    } else return;
    event.preventDefault();
  });
  grid.addEventListener('scroll', () => window.requestAnimationFrame(draw), { passive: true });
  new ResizeObserver(() => draw()).observe(grid);
  grid.style.setProperty('--columns', template());
  titles();
  draw();
  return grid;
}
