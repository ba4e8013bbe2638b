// Hexads and their edges: laid out by forces, opened one by one. Every hexad can be reached by keys.

import { Problem, query, type Row } from '../api.ts';
import { announce, button, el, show, svg } from '../dom.ts';
import { categories, edgesOf, idOf, legend, tint, titleOf, type Edge } from './look.ts';
import { Surface } from './surface.ts';

/** More hexads than these nobody can read. */
export const MOST = 250;
const OPENED = 40;
const FIELDS = 'id, title, types, GRAPH';

interface Node { id: string; row: Row | null; x: number; y: number; vx: number; vy: number; open: boolean; degree: number }

const short = (text: string): string => text.length > 26 ? `${text.slice(0, 25)}…` : text;

/** Moves everything a little: edges pull, hexads push, the middle holds. */
function settle(nodes: Node[], edges: [Node, Node][], heat: number): void {
  for (let i = 0; i < nodes.length; i += 1) {
    const a = nodes[i];
    for (let j = i + 1; j < nodes.length; j += 1) {
      const b = nodes[j];
      const [dx, dy] = [a.x - b.x || 0.1 * (i - j), a.y - b.y || 0.1];
      const push = 5200 / Math.max(dx * dx + dy * dy, 60);
      const length = Math.hypot(dx, dy);
      a.vx += dx / length * push; a.vy += dy / length * push;
      b.vx -= dx / length * push; b.vy -= dy / length * push;
    }
    // Windows are wider than high.
    a.vx -= a.x * 0.008;
    a.vy -= a.y * 0.02;
  }
  for (const [a, b] of edges) {
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const length = Math.hypot(dx, dy) || 1;
    const rest = 90 + 6 * Math.sqrt(Math.min(a.degree, b.degree));
    const pull = (length - rest) * 0.06 / Math.sqrt(Math.max(1, Math.min(a.degree, b.degree)));
    a.vx += dx / length * pull; a.vy += dy / length * pull;
    b.vx -= dx / length * pull; b.vy -= dy / length * pull;
  }
  for (const node of nodes) {
    const speed = Math.hypot(node.vx, node.vy);
    const most = 40 * heat;
    const by = speed > most ? most / speed : 1;
    node.x += node.vx * by;
    node.y += node.vy * by;
    node.vx *= 0.6;
    node.vy *= 0.6;
  }
}

class Graph {
  readonly host = el('div', { class: 'drawn' });
  private readonly nodes = new Map<string, Node>();
  private readonly edges = new Map<string, Edge>();
  private readonly hidden = new Set<string>();
  private readonly surface = new Surface('Graph; Tab goes from hexad to hexad, Enter opens one',
    { x: -500, y: -320, width: 1000, height: 640 }, 20);
  private readonly note = el('p', { class: 'note' });
  private readonly side = el('div', { class: 'side' });
  private readonly chosen = el('div', { class: 'chosen', role: 'status' });
  private focus: string | null = null;

  constructor(rows: Row[], private readonly inspect: (row: Row) => void) {
    for (const row of rows.slice(0, MOST)) this.add(row);
    this.host.append(this.note, this.surface.host, this.chosen, this.side);
    this.surface.onView = (scale) => {
      this.surface.picture.style.setProperty('--unit', `${scale.toFixed(3)}px`);
      this.label(scale);
    };
    this.settleAll(300);
    this.surface.fit(this.box());
    this.draw();
  }

  private node(id: string, near?: Node): Node {
    const kept = this.nodes.get(id);
    if (kept) return kept;
    // A spiral: the same result gives the same picture.
    const at = this.nodes.size;
    const [radius, turn] = [near ? 60 + at % 40 : 22 * Math.sqrt(at + 1), at * 2.39996];
    const made: Node = {
      id, row: null, x: (near?.x ?? 0) + radius * Math.cos(turn), y: (near?.y ?? 0) + radius * Math.sin(turn),
      vx: 0, vy: 0, open: false, degree: 0,
    };
    this.nodes.set(id, made);
    return made;
  }

  private add(row: Row, near?: Node): void {
    const id = idOf(row);
    if (id === null) return;
    const node = this.node(id, near);
    node.row = row;
    for (const edge of edgesOf(row) ?? []) {
      if (!this.nodes.has(edge.to) && this.nodes.size >= 2 * MOST) continue;
      this.node(edge.to, node);
      this.edges.set(`${edge.from}\n${edge.predicate}\n${edge.to}`, edge);
    }
  }

  private shownEdges(): { edge: Edge; ends: [Node, Node] }[] {
    return [...this.edges.values()].flatMap((edge) => {
      const [a, b] = [this.nodes.get(edge.from), this.nodes.get(edge.to)];
      return a && b && !this.hidden.has(edge.predicate) ? [{ edge, ends: [a, b] as [Node, Node] }] : [];
    });
  }

  private settleAll(rounds: number): void {
    const nodes = [...this.nodes.values()];
    const edges = this.shownEdges().map((one) => one.ends);
    for (const node of nodes) node.degree = 0;
    for (const [a, b] of edges) { a.degree += 1; b.degree += 1; }
    const most = nodes.length > 200 ? rounds / 2 : rounds;
    for (let round = 0; round < most; round += 1) settle(nodes, edges, 1 - round / most);
  }

  private box(): { x: number; y: number; width: number; height: number } {
    const all = [...this.nodes.values()];
    if (all.length === 0) return { x: -100, y: -100, width: 200, height: 200 };
    const [xs, ys] = [all.map((node) => node.x), all.map((node) => node.y)];
    const [x, y] = [Math.min(...xs) - 60, Math.min(...ys) - 50];
    return { x, y, width: Math.max(Math.max(...xs) - x + 90, 300), height: Math.max(Math.max(...ys) - y + 50, 200) };
  }

  private draw(): void {
    const rows = [...this.nodes.values()].flatMap((node) => node.row ? [node.row] : []);
    const colors = categories(rows);
    const edges = this.shownEdges();
    this.surface.picture.replaceChildren(
      svg('defs', {}, svg('marker', { id: 'arrow', viewBox: '0 0 8 8', refX: 8, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: 'userSpaceOnUse', orient: 'auto' },
        svg('path', { d: 'M0 0 L8 4 L0 8 z', class: 'arrowhead' }))),
      svg('g', {}, ...edges.map(({ edge, ends: [a, b] }) => {
        const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
        const cut = 11 / length;
        const [x, y] = [b.x - (b.x - a.x) * cut, b.y - (b.y - a.y) * cut];
        return svg('g', { class: this.focus === edge.from || this.focus === edge.to ? 'edge near' : 'edge' },
          svg('line', { x1: a.x, y1: a.y, x2: x, y2: y, 'marker-end': 'url(#arrow)' }, svg('title', {}, `${edge.from} ${edge.predicate} ${edge.to}`)),
          edges.length <= 60 || this.focus === edge.from || this.focus === edge.to
            ? svg('text', { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 - 3, class: 'predicate' }, edge.predicate) : null);
      })),
      svg('g', {}, ...[...this.nodes.values()].map((node) => this.drawn(node, colors))));
    this.around(colors.names, rows.length);
    this.label(this.surface.scale);
  }

  /** Hides the names that would lie over others; those with many edges go first. Closer up there is more room. */
  private label(scale: number): void {
    const taken: [number, number, number, number][] = [];
    const place = (text: SVGTextElement, x: number, y: number, first: boolean): void => {
      const [half, height] = [(text.textContent?.length ?? 0) * 3.1 * scale, 13 * scale];
      const box: [number, number, number, number] = [x - half, y, x + half, y + height];
      const free = first || taken.every(([x1, y1, x2, y2]) => box[2] < x1 || box[0] > x2 || box[3] < y1 || box[1] > y2);
      if (free) taken.push(box);
      text.classList.toggle('hidden-name', !free);
    };
    const drawn = [...this.surface.picture.querySelectorAll<SVGGElement>('.node')].flatMap((group) => {
      const node = this.nodes.get(group.dataset['id'] ?? '');
      return node ? [{ node, text: group.querySelector<SVGTextElement>('.name') }] : [];
    });
    drawn.sort((a, b) => Number(b.node.id === this.focus) - Number(a.node.id === this.focus)
      || Number(b.node.row !== null) - Number(a.node.row !== null) || b.node.degree - a.node.degree);
    for (const { node, text } of drawn) if (text) place(text, node.x, node.y + 6 * scale, node.id === this.focus);
    for (const text of this.surface.picture.querySelectorAll<SVGTextElement>('.predicate')) {
      place(text, Number(text.getAttribute('x')), Number(text.getAttribute('y')) - 9 * scale, false);
    }
  }

  private drawn(node: Node, colors: ReturnType<typeof categories>): SVGGElement {
    const name = (node.row && titleOf(node.row)) ?? node.id;
    const kind = node.row ? colors.of(node.row) : 'not loaded';
    const act = (): void => void this.choose(node);
    return svg('g', {
      class: `node${node.row ? '' : ' unknown'}${this.focus === node.id ? ' focus' : ''}`, tabindex: 0, role: 'button',
      transform: `translate(${node.x.toFixed(1)} ${node.y.toFixed(1)})`, 'data-id': node.id,
      'aria-label': `${name}, ${kind}, ${node.degree} edges${node.open ? '' : '; opens'}`,
      onclick: act, onkeydown: (event: KeyboardEvent) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        act();
      },
    },
    svg('circle', { r: 18, cy: 4, class: 'reach' }),
    svg('circle', { class: 'disc', r: Math.min(7 + Math.sqrt(node.degree), 14), fill: node.row ? tint(colors.names, kind) : 'var(--panel)' }),
    svg('title', {}, `${node.id} (${kind})`),
    svg('text', { dy: '1.5em', class: 'name' }, short(name)));
  }

  private around(names: string[], loaded: number): void {
    const predicates = [...new Set([...this.edges.values()].map((edge) => edge.predicate))].sort();
    show(this.note, `${this.nodes.size} hexads, ${this.edges.size} edges. Choose a hexad to see more of its edges.`
      + (loaded < this.nodes.size ? ' Hexads without color are not loaded yet.' : ''));
    show(this.side, legend(names), predicates.length > 0 && el('fieldset', { class: 'filter' },
      el('legend', {}, 'Edges'), predicates.map((predicate) => el('label', {}, el('input', {
        type: 'checkbox', checked: !this.hidden.has(predicate), onchange: () => {
          if (!this.hidden.delete(predicate)) this.hidden.add(predicate);
          this.draw();
        },
      }), ` ${predicate}`))));
  }

  /** Loads a hexad and who is beside it; the second time shows what it is. */
  private async choose(node: Node): Promise<void> {
    this.focus = node.id;
    if (node.open) {
      this.tell(node);
      this.refocus();
      return;
    }
    try {
      const [own, incoming] = await Promise.all([
        query(`SELECT ${FIELDS} FROM hexads WHERE id = $id`, { params: { id: node.id } }),
        query(`SELECT ${FIELDS} FROM hexads WHERE GRAPH.object = $id LIMIT ${OPENED}`, { params: { id: node.id } }),
      ]);
      const missing = own.rows.length === 0;
      const before = this.nodes.size;
      for (const row of [...own.rows, ...incoming.rows]) this.add(row, node);
      const targets = own.rows.flatMap((row) => edgesOf(row) ?? []).map((edge) => edge.to)
        .filter((id) => this.nodes.get(id)?.row === null).slice(0, OPENED);
      if (targets.length > 0) {
        const rest = await query(`SELECT ${FIELDS} FROM hexads WHERE id IN $ids`, { params: { ids: targets } });
        for (const row of rest.rows) this.name(row);
      }
      node.open = true;
      if (before !== this.nodes.size) {
        this.settleAll(90);
        this.surface.fit(this.box());
      }
      announce(missing ? `${node.id} does not exist` : `${this.nodes.size - before} more hexads`);
      this.tell(node, missing);
    } catch (cause) {
      show(this.chosen, el('span', { class: 'bad' }, cause instanceof Problem ? cause.message : String(cause)));
    }
    this.refocus();
  }

  /** Says of a hexad what it is, without opening its edges. */
  private name(row: Row): void {
    const node = this.nodes.get(idOf(row) ?? '');
    if (node && node.row === null) {
      node.row = row;
      for (const edge of edgesOf(row) ?? []) {
        if (this.nodes.has(edge.to)) this.edges.set(`${edge.from}\n${edge.predicate}\n${edge.to}`, edge);
      }
    }
  }

  private tell(node: Node, missing = false): void {
    const row = node.row;
    show(this.chosen, el('strong', {}, (row && titleOf(row)) ?? node.id), ` ${node.id} `,
      missing ? el('span', { class: 'bad' }, 'does not exist') : `· ${node.degree} edges `,
      row && button('Details', () => this.inspect(row), { class: 'small' }));
  }

  private refocus(): void {
    this.draw();
    const id = this.focus;
    if (id !== null) this.surface.picture.querySelector<SVGGElement>(`[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
  }
}

/** A picture of hexads and their edges. */
export function graph(rows: Row[], inspect: (row: Row) => void): HTMLElement {
  return new Graph(rows, inspect).host;
}
