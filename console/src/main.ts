// The frame of the console: pages, log-in, the state of the connection, light and dark.

import './style.css';
import { ask, onKey, Problem, key, setKey } from './api.ts';
import { button, el, show } from './dom.ts';
import { DriftPage } from './drift.ts';
import { HealthPage } from './health.ts';
import { setTheme, theme } from './keep.ts';
import { QueryPage } from './query.ts';
import { ReferencePage } from './reference.ts';

interface Page { host: HTMLElement; load?: () => Promise<void> }
const PAGES = [['query', 'Query'], ['drift', 'Drift'], ['health', 'Health'], ['api', 'API']] as const;
type Name = (typeof PAGES)[number][0];

const state = el('span', { class: 'state-of-server', role: 'status' });
const account = button('Log in', () => key() === null ? logIn() : logOut(), { class: 'quiet' });
const main = el('main', { id: 'main', tabindex: -1 });
const navigation = el('nav', { 'aria-label': 'Pages' });
let made: Partial<Record<Name, Page>> = {};

function page(name: Name): Page {
  const known = made[name];
  if (known) return known;
  const one: Page = name === 'drift' ? new DriftPage() : name === 'health' ? new HealthPage()
    : name === 'api' ? new ReferencePage() : new QueryPage();
  made[name] = one;
  if (one instanceof QueryPage) one.connect();
  return one;
}

function where(): { name: Name; text: string | null } {
  const [path, search] = location.hash.replace(/^#\/?/, '').split('?');
  const name = PAGES.map(([one]) => one).find((one) => one === path) ?? 'query';
  return { name, text: new URLSearchParams(search ?? '').get('q') };
}

function go(): void {
  const { name, text } = where();
  show(navigation, PAGES.map(([id, label]) => el('a', { href: `#/${id}`, 'aria-current': id === name ? 'page' : undefined }, label)));
  document.title = `${PAGES.find(([id]) => id === name)?.[1] ?? ''} · vql`;
  const one = page(name);
  main.replaceChildren(one.host);
  if (one instanceof QueryPage && text !== null) {
    // Only shown: an address must not be able to run anything.
    history.replaceState(null, '', '#/query');
    one.add(text);
  }
  if ('load' in one) void one.load?.();
}

let asked = false;

function logIn(message?: string): void {
  if (document.querySelector('dialog.log-in')) return;
  const field = el('input', { type: 'password', name: 'key', autocomplete: 'off', required: true, spellcheck: 'false', placeholder: 'vqlk_..', id: 'key' });
  const said = el('p', { class: 'bad', role: 'alert' }, message ?? '');
  const dialog = el('dialog', { class: 'log-in small-dialog', 'aria-labelledby': 'log-in-title' });
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const before = key();
    asked = true;
    sessionStorage.setItem('vql.key', field.value.trim());
    try {
      await ask('api/v1/query', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"SHOW STATUS"}' });
    } catch (cause) {
      if (cause instanceof Problem && cause.status !== 403) {
        if (before === null) sessionStorage.removeItem('vql.key');
        else sessionStorage.setItem('vql.key', before);
        said.textContent = cause.status === 401 ? 'this key is not known, or not valid any more' : cause.message;
        return;
      }
    } finally {
      asked = false;
    }
    dialog.close();
    setKey(field.value.trim());
  };
  dialog.append(el('form', { onsubmit: (event: SubmitEvent) => void submit(event) },
    el('h2', { id: 'log-in-title' }, 'Log in'),
    el('p', { class: 'muted' }, 'With an API key. It stays in this tab of the browser and is gone when the tab is closed.'),
    el('label', { for: 'key' }, 'API key'), field, said,
    el('div', { class: 'buttons' }, button('Cancel', () => dialog.close()), el('button', { type: 'submit', class: 'primary' }, 'Log in'))));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.appendChild(dialog);
  dialog.showModal();
  field.focus();
}

function logOut(): void {
  setKey(null);
}

async function look(): Promise<void> {
  try {
    const said = await (await ask('api/v1/health')).json() as { status?: string; degraded_reason?: string };
    const status = said.status ?? 'unknown';
    show(state, el('i', { class: `dot-of-state ${status}` }), ` ${location.host} · ${status}`);
    state.title = said.degraded_reason ?? '';
  } catch (cause) {
    const unreachable = cause instanceof Problem && cause.status === 0;
    const known = cause instanceof Problem && (cause.status === 401 || cause.status === 403);
    show(state, el('i', { class: `dot-of-state ${known ? 'unknown' : 'down'}` }),
      ` ${location.host} · ${unreachable ? 'not reachable' : known ? 'logged out' : 'in trouble'}`);
  }
}

function themes(): HTMLElement {
  const next = { auto: 'light', light: 'dark', dark: 'auto' } as const;
  const names = { auto: '◐', light: '☀', dark: '☾' } as const;
  const one = button('', () => { setTheme(next[theme()]); draw(); }, { class: 'quiet', id: 'theme' });
  const draw = (): void => {
    one.textContent = names[theme()];
    one.setAttribute('aria-label', `Colors: ${theme()}`);
    one.title = `Colors: ${theme() === 'auto' ? 'as the system' : theme()}`;
  };
  draw();
  return one;
}

function named(): void {
  account.textContent = key() === null ? 'Log in' : 'Log out';
}

setTheme(theme());
document.body.append(
  el('a', { href: '#main', class: 'skip', onclick: (event: Event) => { event.preventDefault(); main.focus(); } }, 'Skip to the page'),
  el('header', { class: 'top' }, el('a', { href: '#/query', class: 'mark', 'aria-label': 'vql' }, 'vql'), navigation, state, themes(), account),
  main, el('div', { id: 'said', class: 'unseen', 'aria-live': 'polite' }), el('div', { id: 'toast', role: 'status' }));
onKey(() => {
  // What was shown belongs to whoever was logged in.
  const query = made.query;
  if (query instanceof QueryPage) query.disconnect();
  made = {};
  document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
  named();
  go();
  void look();
}, () => {
  if (!asked) logIn(key() === null ? undefined : 'the key is not valid any more');
});
window.addEventListener('hashchange', go);
named();
go();
void look();
window.setInterval(() => void look(), 15_000);
