// The page for statements: texts in tabs, the editor, parameters, what was run before, and answers.

import { endSession, openSession, parse, Problem, query, type Answer, type Value } from './api.ts';
import { announce, button, copy, el, show, tabs, toast } from './dom.ts';
import { Editor } from './editor.ts';
import * as keep from './keep.ts';
import { failure, offsets, Results, summary, type View } from './results.ts';
import { parameters, statementAt, statements, type Piece } from './statements.ts';

const EXAMPLES: [string, string][] = [
  ['Look around', 'SHOW HEXADS LIMIT 20'],
  ['Words in texts', "SELECT id, title\nFROM hexads\nWHERE FULLTEXT CONTAINS 'river'\nLIMIT 20"],
  ['Edges, as a graph', 'SELECT id, title, types, GRAPH\nFROM hexads\nWHERE GRAPH EXISTS\nLIMIT 60'],
  ['Places, on a map', 'SELECT id, title, types, SPATIAL\nFROM hexads\nWHERE SPATIAL EXISTS'],
  ['Vectors, as points', 'SELECT id, title, types, VECTOR\nFROM hexads\nWHERE VECTOR EXISTS\nLIMIT 500'],
  ['What has drifted', 'SELECT id, drift_score, drift_type\nFROM hexads\nWHERE drift_score > 0.3\nORDER BY drift_score DESC\nLIMIT 20'],
];

interface Outcome { piece: Piece; answer?: Answer; failed?: unknown }

export class QueryPage {
  readonly host = el('section', { class: 'page query', 'aria-label': 'Query' });
  private readonly editor: Editor;
  private open: keep.Tab[];
  private chosen: string;
  private readonly strip = el('div', { class: 'strip' });
  private readonly fields = el('div', { class: 'parameters' });
  private readonly answers = el('div', { class: 'answers', 'aria-live': 'off' });
  private readonly shelf = el('aside', { class: 'shelf', 'aria-label': 'Saved statements and history', id: 'shelf' });
  private readonly runs = button('▶ Run', () => void this.run(), { class: 'primary', title: 'Ctrl/Cmd-Enter' });
  private readonly stops = button('■ Stop', () => this.stop(), { class: 'stop', hidden: true });
  private running: AbortController | null = null;
  /** What lasts from one statement to the next: opened when a statement needs it. */
  private session: { id: string; transaction: boolean } | null = null;
  private readonly sessions = el('span', { class: 'session', role: 'status' });
  private view: View = 'table';
  private timer: number | undefined;

  constructor() {
    const kept = keep.tabsKept();
    this.open = kept.open.length > 0 ? kept.open : [{ id: 't1', name: 'Statement 1', text: EXAMPLES[0][1], params: '{}' }];
    this.chosen = this.open.some((tab) => tab.id === kept.chosen) ? kept.chosen : this.open[0].id;
    // What was written a moment ago is kept too when the page goes away.
    window.addEventListener('pagehide', () => keep.keepTabs(this.open, this.chosen));
    this.editor = new Editor({
      run: () => void this.run(), runAll: () => void this.run('all'), explain: () => void this.run('explain'),
      changed: (text) => this.changed(text),
    });
    const work = el('div', { class: 'work' }, this.strip, el('div', { class: 'pane', id: 'text' }, this.editor.host),
      this.grip(), this.tools(), this.fields, this.answers);
    this.host.append(el('h1', { class: 'unseen' }, 'Query'), this.shelf, work);
    const height = keep.layout()['editor'];
    if (typeof height === 'number') this.host.style.setProperty('--editor', `${height}px`);
    this.drawShelf();
    this.choose(this.chosen);
    show(this.answers, el('div', { class: 'empty' }, el('p', {}, 'Ctrl-Enter (or ⌘-Enter) runs the statement at the cursor, '
      + 'with Shift all of them. Answers stand here.')));
  }

  connect(): void {
    this.editor.server.connect();
  }

  disconnect(): void {
    this.running?.abort();
    void this.endSession();
    this.editor.server.close();
  }

  private tab(): keep.Tab {
    return this.open.find((tab) => tab.id === this.chosen) ?? this.open[0];
  }

  private tools(): HTMLElement {
    return el('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Statement' },
      this.runs, this.stops,
      button('Run all', () => void this.run('all'), { title: 'Ctrl/Cmd-Shift-Enter' }),
      button('Explain', () => void this.run('explain'), { title: 'The plan (Ctrl/Cmd-Shift-E)' }),
      button('Analyze', () => void this.run('analyze'), { title: 'Run it, and show what every step really did' }),
      button('Format', () => void this.format(), { title: 'Shift-Alt-F' }),
      button('Save', () => this.save()),
      button('Link', () => void copy(`${location.href.split('#')[0]}#/query?q=${encodeURIComponent(this.editor.text())}`, 'Link'),
        { title: 'Copy an address that opens this text; it does not run it' }),
      button('Library', () => this.host.classList.toggle('with-shelf'), { class: 'only-narrow', 'aria-controls': 'shelf' }), this.sessions);
  }

  private grip(): HTMLElement {
    const size = (height: number): void => {
      const used = Math.round(Math.min(Math.max(height, 80), window.innerHeight - 260));
      this.host.style.setProperty('--editor', `${used}px`);
      keep.keepLayout({ editor: used });
    };
    const now = (): number => this.editor.host.getBoundingClientRect().height;
    return el('div', {
      class: 'splitter', role: 'separator', tabindex: 0, 'aria-orientation': 'horizontal', 'aria-label': 'Height of the editor',
      'aria-valuenow': 50, onkeydown: (event: KeyboardEvent) => {
        if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
        event.preventDefault();
        size(now() + (event.key === 'ArrowUp' ? -24 : 24));
      }, onpointerdown: (event: PointerEvent) => {
        event.preventDefault();
        const [from, before] = [event.clientY, now()];
        const move = (to: PointerEvent): void => size(before + to.clientY - from);
        window.addEventListener('pointermove', move);
        window.addEventListener('pointerup', () => window.removeEventListener('pointermove', move), { once: true });
      },
    });
  }

  private changed(text: string): void {
    this.tab().text = text;
    this.drawParameters();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => keep.keepTabs(this.open, this.chosen), 400);
  }

  private choose(id: string): void {
    this.chosen = id;
    const tab = this.tab();
    this.editor.open(tab.id, tab.text);
    keep.keepTabs(this.open, this.chosen);
    this.drawTabs();
    this.drawParameters();
  }

  /** Opens a text in a tab of its own. */
  add(text: string, name?: string): void {
    const same = this.open.find((tab) => tab.text === text) ?? this.open.find((tab) => tab.text.trim() === '' && text !== '');
    if (same) {
      same.text = text;
      same.name = name ?? same.name;
      this.editor.drop(same.id);
      this.choose(same.id);
      this.editor.focus();
      return;
    }
    const taken = (number: number): boolean => this.open.some((tab) => tab.id === `t${number}`);
    let number = 1;
    while (taken(number)) number += 1;
    this.open.push({ id: `t${number}`, name: name ?? `Statement ${number}`, text, params: '{}' });
    this.choose(`t${number}`);
    this.editor.focus();
  }

  private close(id: string): void {
    const at = this.open.findIndex((tab) => tab.id === id);
    this.open.splice(at, 1);
    this.editor.drop(id);
    if (this.open.length === 0) return this.add('');
    this.choose(id === this.chosen ? this.open[Math.max(0, at - 1)].id : this.chosen);
  }

  private drawTabs(): void {
    show(this.strip, tabs('Texts', this.open.map((tab) => ({ id: tab.id, label: tab.name })), this.chosen, (id) => this.choose(id), 'text'),
      button('×', () => this.close(this.chosen), { class: 'quiet', 'aria-label': `Close ${this.tab().name}`, title: 'Close this text' }),
      button('+', () => this.add(''), { class: 'quiet', 'aria-label': 'New text', title: 'New text' }));
    window.requestAnimationFrame(() => this.strip.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }));
  }

  private drawParameters(): void {
    const names = parameters(this.editor.text());
    const kept = this.values();
    // Fields that are there stay: somebody may be writing in one.
    if (this.fields.dataset['names'] === `${this.chosen} ${names.join(' ')}`) return;
    this.fields.dataset['names'] = `${this.chosen} ${names.join(' ')}`;
    show(this.fields, names.map((name) => el('label', {}, el('span', { class: 'code' }, `$${name}`), el('input', {
      value: kept[name] ?? '', placeholder: '42, "text", [1, 0], text', autocomplete: 'off', spellcheck: 'false',
      oninput: (event: InputEvent) => {
        const all = { ...this.values(), [name]: (event.target as HTMLInputElement).value };
        this.tab().params = JSON.stringify(all);
        keep.keepTabs(this.open, this.chosen);
      },
    }))));
  }

  private values(): Record<string, string> {
    try {
      return JSON.parse(this.tab().params) as Record<string, string>;
    } catch {
      return {};
    }
  }

  /** The values of the parameters of a statement: JSON where it is JSON, and otherwise the text itself. */
  private params(text: string): Record<string, Value> {
    const said = this.values();
    return Object.fromEntries(parameters(text).flatMap((name) => {
      const written = said[name];
      if (written === undefined || written === '') return [];
      try {
        return [[name, parse(written)]];
      } catch {
        return [[name, written]];
      }
    }));
  }

  private pieces(what: 'one' | 'all' | 'explain' | 'analyze'): Piece[] {
    const text = this.editor.text();
    const selected = this.editor.selection();
    if (selected) return statements(selected.text).map((piece) => ({ ...piece, from: piece.from + selected.from, to: piece.to + selected.from }));
    if (what === 'all') return statements(text);
    const here = statementAt(text, this.editor.cursor());
    return here ? [here] : [];
  }

  private async run(what: 'one' | 'all' | 'explain' | 'analyze' = 'one'): Promise<void> {
    if (this.running) return;
    const pieces = this.pieces(what);
    if (pieces.length === 0) return toast('there is no statement');
    const prefix = what === 'explain' ? 'EXPLAIN (json) ' : what === 'analyze' ? 'EXPLAIN ANALYZE (json) ' : '';
    const abort = new AbortController();
    this.running = abort;
    this.busy(true);
    const done: Outcome[] = [];
    for (const piece of pieces) {
      const outcome = await this.once(piece, /^\s*EXPLAIN\b/i.test(piece.text) ? '' : prefix, abort.signal);
      done.push(outcome);
      if (outcome.failed !== undefined) break;
    }
    this.running = null;
    this.busy(false);
    // Fields, contracts and ids may be others after a write.
    if (pieces.some((piece) => !/^\s*\(?\s*(SELECT|FIND|FROM|SEARCH|SHOW|COUNT|EXPLAIN|DESCRIBE)\b/i.test(piece.text))) this.editor.server.saved();
    this.drawAnswers(done, done.length - 1);
    this.drawShelf();
  }

  private async once(piece: Piece, prefix: string, signal: AbortSignal): Promise<Outcome> {
    const at = Date.now();
    const remember = (rows: number | null, elapsed: number | null, failed: string | null): void =>
      keep.remember({ text: piece.text, at, rows, elapsed, failed });
    try {
      const answer = await this.ask(prefix, piece.text, signal);
      remember(answer.rows.length, answer.elapsed, null);
      return { piece, answer };
    } catch (cause) {
      remember(null, null, cause instanceof Problem ? cause.kind : 'Error');
      return { piece: { ...piece, text: prefix + piece.text, from: piece.from - prefix.length }, failed: cause };
    }
  }

  private async ask(prefix: string, text: string, signal: AbortSignal): Promise<Answer> {
    const keyword = /^\s*(BEGIN|SET|PREPARE)\b/i.exec(text)?.[1].toUpperCase();
    if (keyword && prefix === '' && !this.session) {
      this.session = { id: await openSession(), transaction: keyword === 'BEGIN' };
      this.drawSession();
    }
    const options = { params: this.params(text), signal, session: this.session?.id };
    try {
      const answer = await query(prefix + text, options);
      // What was opened for a transaction ends with it.
      if (this.session?.transaction && /^\s*(COMMIT|ROLLBACK(?!\s+(\w+\s+)?TO\b))/i.test(text)) await this.endSession();
      return answer;
    } catch (cause) {
      if (this.session && cause instanceof Problem && cause.status === 404 && cause.message.includes(this.session.id)) {
        this.session = null;
        this.drawSession();
      }
      // A plan that cannot be had as data can be had as text.
      if (prefix === '' || !(cause instanceof Problem) || cause.kind !== 'NotSupported') throw cause;
      return query(prefix.replace('(json) ', '') + text, options);
    }
  }

  private async endSession(): Promise<void> {
    const session = this.session;
    this.session = null;
    this.drawSession();
    if (session) await endSession(session.id).catch(() => undefined);
  }

  private drawSession(): void {
    show(this.sessions, this.session && [el('span', { class: 'badge' }, this.session.transaction ? 'transaction open' : 'session open'),
      button('End', () => void this.endSession(), { class: 'small', title: 'What is not committed is rolled back' })]);
  }

  private stop(): void {
    this.running?.abort();
  }

  private busy(is: boolean): void {
    this.runs.hidden = is;
    this.stops.hidden = !is;
    this.answers.setAttribute('aria-busy', String(is));
    if (is) announce('running');
  }

  private drawAnswers(done: Outcome[], chosen: number): void {
    const outcome = done[chosen];
    const body = el('div', { class: 'body', id: 'answer' });
    const label = (one: Outcome, at: number): string =>
      `${at + 1} ${one.piece.text.slice(0, 24).replace(/\s+/g, ' ')} · ${one.answer ? summary(one.answer) : 'failed'}`;
    show(this.answers, done.length > 1 && el('div', { class: 'runs' }, tabs('Answers',
      done.map((one, at) => ({ id: String(at), label: label(one, at) })), String(chosen), (id) => this.drawAnswers(done, Number(id)), 'answer')), body);
    if (outcome.answer) {
      show(body, new Results(outcome.answer, this.view, (view) => { this.view = view; }).host);
      announce(summary(outcome.answer));
    } else {
      const { piece } = outcome;
      show(body, failure(outcome.failed, piece.text, (from, to) => this.editor.reveal(from + piece.from, to + piece.from)));
      if (outcome.failed instanceof Problem && outcome.failed.span) {
        const [from, to] = offsets(piece.text, outcome.failed.span);
        this.editor.reveal(from + piece.from, to + piece.from);
      }
    }
  }

  private async format(): Promise<void> {
    if (!await this.editor.format()) toast('the language server is not connected');
    this.editor.focus();
  }

  private save(): void {
    const name = el('input', { value: this.tab().name, required: true, maxlength: 80, 'aria-label': 'Name' });
    const dialog = el('dialog', { class: 'small-dialog', 'aria-label': 'Save the statement' });
    dialog.append(el('form', { method: 'dialog', onsubmit: (event: SubmitEvent) => {
      event.preventDefault();
      this.tab().name = name.value.trim() || this.tab().name;
      keep.keepSaved({ name: this.tab().name, text: this.editor.text() });
      this.drawTabs();
      this.drawShelf();
      dialog.close();
      toast('saved in this browser');
    } }, el('h2', {}, 'Save in this browser'), el('label', {}, 'Name ', name),
    el('div', { class: 'buttons' }, button('Cancel', () => dialog.close()), el('button', { type: 'submit', class: 'primary' }, 'Save'))));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.appendChild(dialog);
    dialog.showModal();
    name.select();
  }

  private drawShelf(): void {
    const find = this.shelf.querySelector<HTMLInputElement>('input')?.value ?? '';
    const search = el('input', { type: 'search', placeholder: 'Find', 'aria-label': 'Find a statement', value: find, oninput: () => fill() });
    const lists = el('div', { class: 'lists' });
    const entry = (text: string, title: string, note: string, drop?: () => void): HTMLElement => el('li', {},
      el('button', { type: 'button', class: 'entry', title: text, onclick: () => this.add(text, title === text ? undefined : title) },
        el('span', { class: title === text ? 'code' : '' }, title.replace(/\s+/g, ' ')), el('small', {}, note)),
      drop && button('×', () => { drop(); this.drawShelf(); }, { class: 'quiet', 'aria-label': `Remove ${title}` }));
    const fill = (): void => {
      const wanted = search.value.toLowerCase();
      const fits = (text: string): boolean => text.toLowerCase().includes(wanted);
      const [saved, past] = [keep.saved().filter((one) => fits(one.name + one.text)), keep.history().filter((one) => fits(one.text))];
      show(lists,
        saved.length > 0 && [el('h2', {}, 'Saved'), el('ul', {}, saved.map((one) => entry(one.text, one.name, '', () => keep.dropSaved(one.name))))],
        past.length > 0 && [el('h2', {}, 'History', button('Clear', () => { keep.forget(); this.drawShelf(); }, { class: 'small' })),
          el('ul', {}, past.slice(0, 60).map((one) => entry(one.text, one.text,
            `${new Date(one.at).toLocaleTimeString()} · ${one.failed ?? `${one.rows} rows`}`)))],
        el('h2', {}, 'Examples'), el('ul', {}, EXAMPLES.filter(([name, text]) => fits(name + text)).map(([name, text]) => entry(text, name, ''))));
    };
    show(this.shelf, search, lists);
    fill();
  }
}
