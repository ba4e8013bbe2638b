// The little Markdown that the language server writes: paragraphs, lists, code, emphasis. Never markup.

import { el, type Child } from './dom.ts';

function inline(text: string): Child[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*|\[[^\]]+\]\([^)]+\))/).map((part) => {
    if (/^`.+`$/.test(part)) return el('code', {}, part.slice(1, -1));
    if (/^\*\*.+\*\*$/.test(part)) return el('strong', {}, part.slice(2, -2));
    if (/^\*.+\*$/.test(part)) return el('em', {}, part.slice(1, -1));
    const link = /^\[([^\]]+)\]\(/.exec(part);
    return link ? link[1] : part;
  });
}

/** Elements for a text in Markdown. */
export function markdown(text: string): HTMLElement {
  const place = el('div', { class: 'cm-words' });
  for (const [index, part] of text.split(/^```\w*\n([\s\S]*?)^```\s*$/m).entries()) {
    if (index % 2 === 1) {
      place.appendChild(el('pre', {}, part.trimEnd()));
      continue;
    }
    for (const block of part.split(/\n\s*\n/)) {
      const said = block.trim();
      if (said === '' || said === '---') continue;
      const items = said.split('\n').every((line) => /^[-*] /.test(line));
      place.appendChild(items
        ? el('ul', {}, said.split('\n').map((line) => el('li', {}, inline(line.slice(2)))))
        : el('p', {}, inline(said.replace(/^#+ /, ''))));
    }
  }
  return place;
}

/** The text of what the protocol calls documentation or contents. */
export function words(said: unknown): string {
  if (typeof said === 'string') return said;
  if (Array.isArray(said)) return said.map(words).join('\n\n');
  const value = (said as { value?: unknown } | null)?.value;
  return typeof value === 'string' ? value : '';
}
