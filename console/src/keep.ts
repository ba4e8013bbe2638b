// What the browser keeps between visits: texts, history, saved statements. Bounded, apart for each key.

import { key, type Value } from './api.ts';

export interface Tab { id: string; name: string; text: string; params: string }
export interface Past { text: string; at: number; rows: number | null; elapsed: number | null; failed: string | null }
export interface Saved { name: string; text: string }

const MOST = 300;
const LONGEST = 20_000;

/** Statements of one user are not shown to the next: the id of a key, which is no secret, keeps them apart. */
function room(): string {
  const id = /^vqlk_([0-9A-Za-z]+)_/.exec(key() ?? '')?.[1];
  return `vql/${id ?? 'local'}`;
}

function read<T>(name: string, otherwise: T): T {
  try {
    const kept = localStorage.getItem(`${room()}/${name}`);
    return kept === null ? otherwise : JSON.parse(kept) as T;
  } catch {
    return otherwise;
  }
}

function write(name: string, value: unknown): void {
  try {
    localStorage.setItem(`${room()}/${name}`, JSON.stringify(value));
  } catch { /* Nothing can be kept; the page works without it. */ }
}

export function theme(): 'light' | 'dark' | 'auto' {
  try {
    const said = localStorage.getItem('vql/theme');
    return said === 'light' || said === 'dark' ? said : 'auto';
  } catch {
    return 'auto';
  }
}

export function setTheme(value: 'light' | 'dark' | 'auto'): void {
  document.documentElement.dataset['theme'] = value;
  try {
    localStorage.setItem('vql/theme', value);
  } catch { /* As above. */ }
}

export const tabsKept = (): { open: Tab[]; chosen: string } => read('tabs', { open: [], chosen: '' });
export const keepTabs = (open: Tab[], chosen: string): void => write('tabs', { open, chosen });

export const history = (): Past[] => read<Past[]>('history', []);

/** Notes a statement that ran; the same one again moves to the top. */
export function remember(past: Past): void {
  if (past.text.length > LONGEST) return;
  write('history', [past, ...history().filter((other) => other.text !== past.text)].slice(0, MOST));
}

export const forget = (): void => write('history', []);

export const saved = (): Saved[] => read<Saved[]>('saved', []);

export function keepSaved(one: Saved): void {
  write('saved', [one, ...saved().filter((other) => other.name !== one.name)].slice(0, MOST));
}

export function dropSaved(name: string): void {
  write('saved', saved().filter((other) => other.name !== name));
}

export const layout = (): { [key: string]: Value } => read('layout', {});
export const keepLayout = (value: { [key: string]: Value }): void => write('layout', { ...layout(), ...value });
