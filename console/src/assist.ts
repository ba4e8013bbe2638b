// What the language server says, shown in the editor: completion, findings with their fixes, explanations
// under the pointer, colors by meaning, the standard layout.

import { snippet, type Completion, type CompletionContext, type CompletionResult, type CompletionSource } from '@codemirror/autocomplete';
import { setDiagnostics, type Action, type Diagnostic as Finding } from '@codemirror/lint';
import { RangeSetBuilder, StateEffect, StateField, type Extension, type Text } from '@codemirror/state';
import { Decoration, EditorView, hoverTooltip, ViewPlugin, type DecorationSet } from '@codemirror/view';
import type { Diagnostic, LanguageServer, Position, Range, TextEdit } from './lsp.ts';
import { markdown, words } from './markdown.ts';

function offset(doc: Text, at: Position): number {
  if (at.line >= doc.lines) return doc.length;
  const line = doc.line(at.line + 1);
  return Math.min(line.from + at.character, line.to);
}

function position(doc: Text, at: number): Position {
  const line = doc.lineAt(at);
  return { line: line.number - 1, character: at - line.from };
}

function apply(view: EditorView, edits: TextEdit[]): void {
  const doc = view.state.doc;
  view.dispatch({
    changes: edits.map((edit) => ({
      from: offset(doc, edit.range.start), to: offset(doc, edit.range.end), insert: edit.newText,
    })),
  });
}

interface Item {
  label: string; kind?: number; detail?: string; labelDetails?: { detail?: string; description?: string };
  documentation?: unknown; insertText?: string; insertTextFormat?: number; sortText?: string; filterText?: string;
  textEdit?: TextEdit & { insert?: Range; replace?: Range };
}

const KINDS = ['', 'text', 'method', 'function', 'function', 'property', 'variable', 'class', 'interface', 'namespace',
  'property', 'type', 'constant', 'enum', 'keyword', 'text', 'constant', 'constant', 'constant', 'namespace', 'constant',
  'constant', 'class', 'constant', 'keyword', 'type'];

/** A template of the protocol as CodeMirror writes it. */
function template(text: string): string {
  return text.replace(/[{}]/g, (brace) => brace) // Braces stand only in fields.
    .replace(/\$\{(\d+):([^}]*)\}/g, (_, at: string, name: string) => `\${${at}:${name}}`)
    .replace(/\$\{(\d+)\}|\$(\d+)/g, (_, one?: string, other?: string) => `\${${one ?? other}}`)
    .replace(/\\\$/g, '$');
}

function option(item: Item, rank: number, server: LanguageServer): Completion {
  const insert = item.textEdit?.newText ?? item.insertText ?? item.label;
  const details = [item.labelDetails?.detail, item.labelDetails?.description ?? item.detail].filter(Boolean);
  return {
    label: item.filterText ?? item.label,
    displayLabel: item.label,
    detail: details.join(' ').trim() || undefined,
    type: KINDS[item.kind ?? 0],
    // The server knows the order; equal matches keep it.
    boost: -rank / 10,
    apply: item.insertTextFormat === 2 ? snippet(template(insert)) : insert,
    info: async () => {
      const whole = item.documentation === undefined
        ? await server.request('completionItem/resolve', item).catch(() => item) as Item : item;
      const text = words(whole.documentation);
      return text === '' ? null : markdown(text);
    },
  };
}

/** Completion as the server knows it. */
export function completions(server: LanguageServer): CompletionSource {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const word = context.matchBefore(/[\w:$-]+/);
    const after = context.matchBefore(/[.'"$:(,\s]/);
    if (!context.explicit && !word && !(after && /[.'"$:]/.test(after.text))) return null;
    const abort = new AbortController();
    context.addEventListener('abort', () => abort.abort());
    const doc = context.state.doc;
    const said = await server
      .about('textDocument/completion', {
        position: position(doc, context.pos), context: { triggerKind: context.explicit ? 1 : 1 },
      }, abort.signal)
      .catch(() => null) as Item[] | { items: Item[]; isIncomplete?: boolean } | null;
    const items = Array.isArray(said) ? said : said?.items ?? [];
    if (items.length === 0) return null;
    const ordered = [...items].sort((a, b) => (a.sortText ?? a.label).localeCompare(b.sortText ?? b.label));
    const range = items.find((item) => item.textEdit)?.textEdit;
    const start = range?.range?.start ?? range?.insert?.start;
    const from = start ? offset(doc, start) : /\w+$/.exec(word?.text ?? '') ? context.pos - (/\w+$/.exec(word?.text ?? '')?.[0].length ?? 0) : context.pos;
    const incomplete = !Array.isArray(said) && said?.isIncomplete === true;
    return {
      from, options: ordered.map((item, rank) => option(item, Math.min(rank, 900), server)),
      validFor: incomplete ? undefined : /^\w*$/,
    };
  };
}

const SEVERITIES = ['error', 'error', 'warning', 'info', 'hint'] as const;

async function fixes(server: LanguageServer, one: Diagnostic): Promise<Action[]> {
  const said = await server
    .about('textDocument/codeAction', { range: one.range, context: { diagnostics: [one], only: ['quickfix'] } })
    .catch(() => null) as { title: string; edit?: { changes?: Record<string, TextEdit[]>; documentChanges?: { edits: TextEdit[] }[] } }[] | null;
  return (said ?? []).slice(0, 3).flatMap((action) => {
    const edits = Object.values(action.edit?.changes ?? {})[0] ?? action.edit?.documentChanges?.[0]?.edits;
    return edits ? [{ name: action.title, apply: (view: EditorView) => apply(view, edits) }] : [];
  });
}

async function findings(view: EditorView, server: LanguageServer, found: Diagnostic[]): Promise<void> {
  const doc = view.state.doc;
  const acts = await Promise.all(found.slice(0, 20).map((one) => fixes(server, one)));
  if (view.state.doc !== doc) return;
  const shown = found.map((one, index): Finding => {
    const from = offset(doc, one.range.start);
    const to = Math.max(offset(doc, one.range.end), from);
    return {
      from, to: to === from ? Math.min(from + 1, doc.length) : to, severity: SEVERITIES[one.severity ?? 1],
      message: one.message, source: one.code === undefined ? undefined : String(one.code), actions: acts[index] ?? [],
    };
  });
  view.dispatch(setDiagnostics(view.state, shown));
}

const setTokens = StateEffect.define<DecorationSet>();

const tokens = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, change) {
    for (const effect of change.effects) if (effect.is(setTokens)) return effect.value;
    return set.map(change.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const marks = new Map<string, Decoration>();

function mark(kind: string): Decoration {
  const kept = marks.get(kind) ?? Decoration.mark({ class: `t-${kind}` });
  marks.set(kind, kept);
  return kept;
}

async function color(view: EditorView, server: LanguageServer): Promise<void> {
  const doc = view.state.doc;
  const said = await server.about('textDocument/semanticTokens/full', {}).catch(() => null) as { data: number[] } | null;
  if (!said || view.state.doc !== doc) return;
  const build = new RangeSetBuilder<Decoration>();
  let [line, column] = [0, 0];
  for (let at = 0; at + 4 < said.data.length; at += 5) {
    if (said.data[at] > 0) column = 0;
    line += said.data[at];
    column += said.data[at + 1];
    const from = offset(doc, { line, character: column });
    const to = Math.min(from + said.data[at + 2], doc.length);
    const kind = server.kinds[said.data[at + 3]];
    if (kind && to > from) build.add(from, to, mark(kind));
  }
  view.dispatch({ effects: setTokens.of(build.finish()) });
}

/** Asks for the standard layout of the text. False when nobody answers. */
export async function format(view: EditorView, server: LanguageServer): Promise<boolean> {
  const doc = view.state.doc;
  const edits = await server
    .about('textDocument/formatting', { options: { tabSize: 2, insertSpaces: true } })
    .catch(() => null) as TextEdit[] | null;
  if (edits && view.state.doc === doc) apply(view, edits);
  return server.ready;
}

const refresh = (view: EditorView, server: LanguageServer): void => {
  if (server.ready) void color(view, server);
  else view.dispatch(setDiagnostics(view.state, []), { effects: setTokens.of(Decoration.none) });
};

function extensions(server: LanguageServer): Extension[] {
  let timer: number | undefined;
  return [
    tokens,
    ViewPlugin.define(() => ({
      update(update) {
        if (!update.docChanged) return;
        window.clearTimeout(timer);
        timer = window.setTimeout(() => void color(update.view, server), 120);
      },
      destroy: () => window.clearTimeout(timer),
    })),
    hoverTooltip(async (view, at) => {
      const doc = view.state.doc;
      const said = await server.about('textDocument/hover', { position: position(doc, at) })
        .catch(() => null) as { contents: unknown; range?: Range } | null;
      const text = words(said?.contents);
      if (text === '' || view.state.doc !== doc) return null;
      const from = said?.range ? offset(doc, said.range.start) : at;
      const to = said?.range ? offset(doc, said.range.end) : at;
      return { pos: from, end: to, above: true, create: () => ({ dom: markdown(text) }) };
    }),
  ];
}

export const assistance = { extensions, findings, refresh };
