// Elements, made by hand: no framework stands between the page and what it shows.
// Text is always set as text, never as markup.

export type Child = Node | string | number | null | undefined | false | Child[];
type Handler = (event: never) => void;
type Value = string | number | boolean | null | undefined | Handler | Record<string, string>;
export type Attributes = Record<string, Value>;

const SVG = 'http://www.w3.org/2000/svg';

function set(node: Element, name: string, value: Value): void {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith('on') && typeof value === 'function') {
    node.addEventListener(name.slice(2), value as EventListener);
  } else if (name === 'style') {
    // By properties: the policy of the page forbids the attribute.
    const style = (node as HTMLElement | SVGElement).style;
    for (const [key, said] of Object.entries(value as Record<string, string>)) style.setProperty(key, said);
  } else if (name === 'value' && 'value' in node) {
    (node as HTMLInputElement).value = String(value);
  } else {
    node.setAttribute(name, value === true ? '' : String(value));
  }
}

function fill(node: Node, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) fill(node, child);
    else if (child instanceof Node) node.appendChild(child);
    else if (child !== null && child !== undefined && child !== false) {
      node.appendChild(document.createTextNode(String(child)));
    }
  }
}

/** An element with attributes (`onclick` and the like are listeners) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  fill(node, children);
  return node;
}

/** The same for what is drawn. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  fill(node, children);
  return node;
}

/** Puts other children into an element. */
export function show(node: Element, ...children: Child[]): void {
  node.replaceChildren();
  fill(node, children);
}

/** A button that does something. */
export function button(label: Child, act: (event: MouseEvent) => void, attributes: Attributes = {}): HTMLButtonElement {
  return el('button', { type: 'button', onclick: act, ...attributes }, label);
}

/** A message for those who cannot see that something changed. */
export function announce(text: string): void {
  const place = document.getElementById('said');
  if (place) place.textContent = text;
}

let toastTimer: number | undefined;

/** A short message at the edge of the page. */
export function toast(text: string): void {
  const place = document.getElementById('toast');
  if (!place) return;
  place.textContent = text;
  place.classList.add('up');
  window.clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => place.classList.remove('up'), 3500);
}

/** Puts a text on the clipboard. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages that are not served securely may not use the clipboard; the older way still works there.
    const area = el('textarea', { 'aria-hidden': 'true', class: 'hidden' });
    area.value = text;
    document.body.appendChild(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  toast(`${what} copied`);
}

/** Lets the user keep a text as a file. */
export function save(text: string, name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = el('a', { href: address, download: name });
  document.body.appendChild(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export interface Choice { id: string; label: Child; title?: string; disabled?: boolean }

/** A row of tabs: arrow keys move, as the pattern of the ARIA guide wants it. */
export function tabs(label: string, choices: Choice[], chosen: string, choose: (id: string) => void, controls?: string): HTMLElement {
  const list = el('div', { role: 'tablist', 'aria-label': label, class: 'tabs' });
  for (const choice of choices) {
    list.appendChild(el('button', {
      type: 'button', role: 'tab', class: 'tab', 'data-id': choice.id, title: choice.title,
      'aria-selected': String(choice.id === chosen), tabindex: choice.id === chosen ? 0 : -1,
      'aria-controls': controls, disabled: choice.disabled, onclick: () => choose(choice.id),
    }, choice.label));
  }
  list.addEventListener('keydown', (event) => {
    const all = [...list.querySelectorAll<HTMLButtonElement>('[role=tab]:not([disabled])')];
    const at = all.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = all[(to + all.length) % all.length];
    const id = next.dataset['id'] ?? '';
    next.click();
    // The row may have been drawn anew.
    document.querySelector<HTMLElement>(`[role=tablist][aria-label="${label}"] [data-id="${CSS.escape(id)}"]`)?.focus();
  });
  return list;
}
