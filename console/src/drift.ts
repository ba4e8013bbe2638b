// The page for drift: which modalities have moved apart and how far, the worst first with the evidence,
// repairs looked at before they are made, and what people have to decide.

import { literal, query, type Row, type Value } from './api.ts';
import { announce, button, el, show, toast, type Child } from './dom.ts';
import { failure, inspect } from './results.ts';
import { line } from './views/look.ts';

const MODALITIES = ['graph', 'vector', 'tensor', 'semantic', 'document', 'temporal', 'provenance', 'spatial'] as const;
const WORST = 100;

const words = (value: Value | undefined): string[] => Array.isArray(value) ? value.map(line) : [];
const number = (value: Value | undefined): number | null => typeof value === 'number' ? value : null;
const text = (value: Value | undefined): string => value === null || value === undefined ? '' : line(value);
const score = (value: number): string => value.toFixed(2);

/** How bad a score is, in five steps: the word says it too, never the color alone. */
function heat(value: number): number {
  return value <= 0.005 ? 0 : value < 0.3 ? 1 : value < 0.5 ? 2 : value < 0.8 ? 3 : 4;
}

export class DriftPage {
  readonly host = el('section', { class: 'page board', 'aria-label': 'Drift' });
  private readonly map = el('div', { class: 'card' });
  private readonly worst = el('div', { class: 'card wide' });
  private readonly repair = el('div', { class: 'card wide', id: 'repair' });
  private readonly queue = el('div', { class: 'card wide' });
  private readonly trail = el('div', { class: 'card wide' });
  private kind: string | null = null;
  private found: Row[] = [];

  constructor() {
    this.host.append(el('header', { class: 'title' }, el('h1', {}, 'Drift'),
      el('p', { class: 'muted' }, 'Scores run from 0, the modalities agree, to 1. Measuring everything takes a while on large data.'),
      button('Measure again', () => void this.load(), { class: 'primary' })),
    el('div', { class: 'cards' }, this.map, this.worst, this.repair, this.queue, this.trail));
    this.repair.hidden = true;
  }

  async load(): Promise<void> {
    // What was measured before stays in sight until the new figures are there.
    for (const card of [this.map, this.worst]) {
      if (card.childElementCount === 0) show(card, el('p', { class: 'muted' }, 'Measuring ..'));
      card.setAttribute('aria-busy', 'true');
    }
    await Promise.all([this.drawMap(), this.loadWorst(), this.drawQueue(), this.drawTrail()]);
    for (const card of [this.map, this.worst]) card.removeAttribute('aria-busy');
    announce('measured');
  }

  private async drawMap(): Promise<void> {
    try {
      const { rows } = await query('DRIFT METRICS FROM hexads');
      const cells = new Map<string, Row[]>();
      for (const row of rows) {
        const names = words(row['modalities']);
        if (names.length === 0) continue;
        const [a, b] = [names[0], names[1] ?? names[0]].sort((x, y) =>
          MODALITIES.indexOf(x as never) - MODALITIES.indexOf(y as never));
        cells.set(`${a} ${b}`, [...cells.get(`${a} ${b}`) ?? [], row]);
      }
      const quality = rows.find((row) => row['drift_type'] === 'quality');
      show(this.map, el('h2', {}, 'Modality by modality'),
        el('table', { class: 'heat' }, el('caption', { class: 'unseen' }, 'The worst score of each pair of modalities'),
          el('thead', {}, el('tr', {}, el('td', {}), MODALITIES.map((name) => el('th', { scope: 'col' }, el('span', {}, name))))),
          el('tbody', {}, MODALITIES.map((down, y) => el('tr', {}, el('th', { scope: 'row' }, down),
            MODALITIES.map((across, x) => el('td', { class: x > y ? '' : 'pair' }, x > y ? null : this.cell(cells.get(`${across} ${down}`) ?? []))))))),
        el('p', { class: 'scale', 'aria-hidden': 'true' }, [0, 1, 2, 3, 4].map((at) =>
          el('span', { class: `h${at}` }, ['agrees', 'to 0.3', 'to 0.5', 'to 0.8', 'above'][at]))),
        quality && el('p', { class: 'muted' }, `Quality, all kinds together: ${text(quality['drifted'])} of `
          + `${text(quality['measured'])} hexads have drifted, the mean score is ${score(number(quality['mean_score']) ?? 0)}.`));
    } catch (cause) {
      show(this.map, el('h2', {}, 'Modality by modality'), failure(cause));
    }
  }

  private cell(kinds: Row[]): Child {
    return kinds.map((row) => {
      const [worst, measured, drifted] = [number(row['worst_score']), number(row['measured']) ?? 0, number(row['drifted']) ?? 0];
      const name = text(row['drift_type']);
      if (measured === 0 || worst === null) {
        return el('span', { class: 'none', title: `${name}: nothing to measure` }, '–', el('span', { class: 'unseen' }, ` ${name}: nothing to measure`));
      }
      return el('button', {
        type: 'button', class: `h${heat(worst)}`, 'aria-pressed': String(this.kind === name), 'data-kind': name,
        title: `${name}: worst ${score(worst)}, mean ${score(number(row['mean_score']) ?? 0)}, ${drifted} of ${measured} drifted`,
        onclick: () => this.filter(this.kind === name ? null : name),
      },
      el('span', { class: 'unseen' }, `${name}, worst `), score(worst), drifted > 0 && el('small', {}, `×${drifted}`));
    });
  }

  private filter(kind: string | null): void {
    this.kind = kind;
    for (const one of this.map.querySelectorAll('[data-kind]')) {
      one.setAttribute('aria-pressed', String(one.getAttribute('data-kind') === kind));
    }
    this.drawWorst();
  }

  private async loadWorst(): Promise<void> {
    try {
      this.found = (await query('DRIFT DETECT FROM hexads')).rows;
      this.drawWorst();
    } catch (cause) {
      show(this.worst, el('h2', {}, 'Worst first'), failure(cause));
    }
  }

  private drawWorst(): void {
    const rows = this.found.filter((row) => this.kind === null || row['drift_type'] === this.kind)
      .sort((a, b) => (number(b['score']) ?? 0) - (number(a['score']) ?? 0));
    show(this.worst, el('div', { class: 'head' }, el('h2', {}, 'Worst first'),
      this.kind !== null && button(`${this.kind} ×`, () => this.filter(null), { class: 'small', 'aria-label': `Show all kinds, not only ${this.kind}` }),
      rows.length > 0 && button('Look at all repairs', () => void this.preview(null), { class: 'small' })),
    rows.length === 0 ? el('p', { class: 'empty' }, 'Nothing is above its threshold.')
      : el('ol', { class: 'worst' }, rows.slice(0, WORST).map((row) => this.one(row))),
    rows.length > WORST && el('p', { class: 'muted' }, `${rows.length - WORST} more are not shown.`));
  }

  private one(row: Row): HTMLElement {
    const [value, threshold] = [number(row['score']) ?? 0, number(row['threshold']) ?? 0];
    const id = text(row['hexad_id']);
    return el('li', {},
      el('div', { class: 'meter', role: 'img', 'aria-label': `score ${score(value)}, threshold ${score(threshold)}` },
        el('i', { class: `h${heat(value)}`, style: { width: `${Math.min(100, value * 100)}%` } }),
        el('b', { style: { left: `${Math.min(100, threshold * 100)}%` } })),
      el('div', { class: 'about' },
        el('p', {}, el('strong', {}, score(value)), ' ', el('button', { type: 'button', class: 'link code', onclick: () => inspect(row) }, id), ' ',
          el('span', { class: `badge s-${text(row['severity'])}` }, text(row['severity'])), ' ',
          el('span', { class: 'muted' }, `${text(row['drift_type'])} · ${words(row['modalities']).join(', ')}`)),
        el('ul', { class: 'evidence' }, words(row['evidence']).map((fact) => el('li', {}, fact)))),
      button('Look at the repair', () => void this.preview(id), { class: 'small' }));
  }

  /** What the normalizer would do, without doing it. */
  private async preview(id: string | null): Promise<void> {
    this.repair.hidden = false;
    show(this.repair, el('p', { class: 'muted' }, 'Trying ..'));
    const options = id === null ? {} : { params: { id } };
    const statement = id === null ? 'NORMALIZE ALL' : 'NORMALIZE HEXAD $id';
    try {
      const { rows } = await query(`${statement} DRY RUN`, options);
      const would = rows.filter((row) => text(row['outcome']) === 'would normalize').length;
      const queued = rows.filter((row) => text(row['outcome']) === 'would queue').length;
      const label = would + queued === 0 ? null : would > 0 ? `Apply ${would} repair${would === 1 ? '' : 's'}` : 'Put it before people';
      show(this.repair, el('div', { class: 'head' }, el('h2', {}, id === null ? 'Repairs of everything' : `Repair of ${id}`),
        button('Close', () => { this.repair.hidden = true; }, { class: 'small' })),
      el('p', { class: 'muted' }, 'A dry run: nothing was written.'),
      rows.length === 0 ? el('p', { class: 'empty' }, 'There is nothing to repair.') : this.diff(rows),
      label !== null && el('div', { class: 'buttons' },
        queued > 0 && would > 0 && el('span', { class: 'muted' }, `${queued} more would wait for a decision.`),
        button(label, () => void this.apply(statement, options), { class: 'primary' })));
    } catch (cause) {
      show(this.repair, failure(cause));
    }
    this.repair.scrollIntoView({ block: 'nearest', behavior: 'auto' });
    this.repair.querySelector<HTMLElement>('button')?.focus();
  }

  private diff(rows: Row[]): HTMLElement {
    return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'What would change' }, el('table', { class: 'plain' },
      el('thead', {}, el('tr', {}, ['hexad', 'outcome', 'about', 'score', 'detail'].map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, rows.map((row) => el('tr', { class: text(row['outcome']) === 'change' ? 'change' : '' },
        el('td', { class: 'code' }, text(row['hexad'])), el('td', {}, text(row['outcome'])), el('td', {}, text(row['about'])),
        el('td', { class: 'nowrap' }, number(row['before']) === null ? '' : `${score(number(row['before']) ?? 0)} → ${score(number(row['after']) ?? 0)}`),
        el('td', {}, this.detail(text(row['detail']))))))));
  }

  /** `old -> new` with the old struck out and the new marked. */
  private detail(said: string): Child {
    const [before, after, ...rest] = said.split(' -> ');
    return after === undefined || rest.length > 0 ? said : [el('del', {}, before), ' → ', el('ins', {}, after)];
  }

  private async apply(statement: string, options: { params?: Record<string, Value> }): Promise<void> {
    try {
      const { rows } = await query(statement, options);
      const count = (what: string): number => rows.filter((row) => text(row['outcome']) === what).length;
      toast(`${count('normalized')} repaired, ${count('queued')} left to people`);
      this.repair.hidden = true;
      await this.load();
    } catch (cause) {
      show(this.repair, failure(cause));
    }
  }

  private async drawQueue(): Promise<void> {
    try {
      const { rows } = await query('SHOW CONFLICTS');
      const open = rows.filter((row) => row['status'] === 'open');
      show(this.queue, el('h2', {}, `Waiting for a decision (${open.length})`),
        open.length === 0 ? el('p', { class: 'empty' }, 'Nobody has to decide anything.')
          : el('ul', { class: 'conflicts' }, open.map((row) => this.conflict(row))));
    } catch (cause) {
      show(this.queue, el('h2', {}, 'Waiting for a decision'), failure(cause));
    }
  }

  private conflict(row: Row): HTMLElement {
    const id = text(row['id']);
    const candidates = typeof row['candidates'] === 'object' && row['candidates'] !== null ? Object.entries(row['candidates']) : [];
    const written = el('input', { placeholder: "SEMANTIC.types = ['geo:City']", 'aria-label': `What ${text(row['hexad'])} should say`, class: 'code', spellcheck: 'false' });
    const modality = el('select', { 'aria-label': 'The modality that is right' }, MODALITIES.map((name) => el('option', { value: name }, name)));
    const said = el('div', {});
    const decide = async (how: string): Promise<void> => {
      try {
        await query(`RESOLVE CONFLICT ${literal(id)} ${how}`);
        toast(`${id} decided`);
        await this.load();
      } catch (cause) {
        show(said, failure(cause));
      }
    };
    return el('li', { 'data-id': id },
      el('p', {}, el('strong', {}, id), ' ', el('button', { type: 'button', class: 'link code', onclick: () => inspect(row) }, text(row['hexad'])),
        el('span', { class: 'muted' }, ` ${text(row['about'])} · since ${new Date(text(row['opened'])).toLocaleString()}`)),
      el('p', {}, text(row['reason'])),
      candidates.length > 0 && el('ul', { class: 'candidates' }, candidates.map(([name, value]) => el('li', {},
        button(`Keep ${name}`, () => void decide(`KEEP ${name}`), { class: 'small' }), ' ', el('span', { class: 'code' }, line(value as Value))))),
      el('div', { class: 'decide' },
        candidates.length === 0 && [modality, button('Keep', () => void decide(`KEEP ${modality.value}`), { class: 'small' })],
        written, button('Set', () => void decide(`SET ${written.value}`), { class: 'small' }),
        button('Dismiss', () => void decide('DISMISS'), { class: 'small', title: 'Leave everything as it is' })), said);
  }

  private async drawTrail(): Promise<void> {
    try {
      const { rows } = await query('SHOW NORMALIZATIONS LIMIT 20');
      this.trail.hidden = rows.length === 0;
      const undone = new Set(rows.map((row) => text(row['of'])));
      show(this.trail, el('h2', {}, 'What was repaired'), el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'What was repaired' },
        el('table', { class: 'plain' },
          el('thead', {}, el('tr', {}, ['entry', 'when', 'by', 'what', 'hexad', 'how', 'undo'].map((name) => el('th', { scope: 'col' }, name)))),
          el('tbody', {}, rows.map((row) => el('tr', {}, el('td', { class: 'code' }, text(row['id'])),
            el('td', { class: 'nowrap' }, new Date(text(row['at'])).toLocaleString()), el('td', {}, text(row['by'])), el('td', {}, text(row['what'])),
            el('td', { class: 'code' }, text(row['hexad'])), el('td', {}, words(row['how']).join('; ')),
            el('td', {}, text(row['what']) === 'normalized' && !undone.has(text(row['id']))
              && button('Revert', () => void this.revert(text(row['id'])), { class: 'small', 'aria-label': `Revert ${text(row['id'])}` }))))))));
    } catch (cause) {
      this.trail.hidden = false;
      show(this.trail, el('h2', {}, 'What was repaired'), failure(cause));
    }
  }

  private async revert(id: string): Promise<void> {
    try {
      await query(`REVERT NORMALIZATION ${literal(id)}`);
      toast(`${id} reverted`);
      await this.load();
    } catch (cause) {
      show(this.repair, failure(cause));
      this.repair.hidden = false;
    }
  }
}
