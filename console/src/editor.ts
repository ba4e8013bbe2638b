// The editor: CodeMirror with VQL, and what the language server knows. It stands in a shadow tree, where
// its style sheets are objects: the policy of the page allows no styles in markup.

import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, Prec } from '@codemirror/state';
import {
  drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap,
  lineNumbers, placeholder,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { el } from './dom.ts';
import { vql } from './language.ts';
import { LanguageServer } from './lsp.ts';
import { assistance, completions, format } from './assist.ts';

const colors = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--c-keyword)', fontWeight: '600' },
  { tag: tags.operatorKeyword, color: 'var(--c-keyword)' },
  { tag: tags.typeName, color: 'var(--c-modality)', fontWeight: '600' },
  { tag: tags.string, color: 'var(--c-string)' },
  { tag: tags.number, color: 'var(--c-number)' },
  { tag: tags.bool, color: 'var(--c-number)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.special(tags.variableName), color: 'var(--c-parameter)' },
  { tag: tags.propertyName, color: 'var(--c-field)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '13.5px', color: 'var(--ink)', backgroundColor: 'var(--panel)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--muted)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--row)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
    { backgroundColor: 'var(--selection)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--match)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--match)', outline: '1px solid var(--line)' },
  '.cm-placeholder': { color: 'var(--muted)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)', color: 'var(--ink)', border: '1px solid var(--line)', borderRadius: '6px',
    boxShadow: 'var(--shadow)', fontFamily: 'var(--sans)', fontSize: '13px', overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '16em' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px 3px 4px' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionDetail': { fontStyle: 'normal', opacity: '.8', marginLeft: '1.2em' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionInfo, .cm-words': { padding: '8px 10px', maxWidth: '44ch', lineHeight: '1.45' },
  '.cm-words pre, .cm-completionInfo pre': { margin: '4px 0', whiteSpace: 'pre-wrap', fontFamily: 'var(--mono)', fontSize: '12px' },
  '.cm-words p, .cm-completionInfo p': { margin: '4px 0' },
  '.cm-words code, .cm-completionInfo code': { fontFamily: 'var(--mono)', fontSize: '12px' },
  '.cm-diagnostic': { padding: '6px 10px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-diagnosticAction': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)', borderRadius: '4px', padding: '2px 8px' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn)', textUnderlineOffset: '3px' },
  '.cm-lintRange-info, .cm-lintRange-hint': { backgroundImage: 'none', textDecoration: 'underline dotted var(--muted)', textUnderlineOffset: '3px' },
  // The pictures that come with the library are addresses of a kind the policy of the page does not allow.
  '.cm-lint-marker': { width: '.8em', height: '.8em' },
  '.cm-lint-marker-error': { content: '"●"', color: 'var(--bad)' },
  '.cm-lint-marker-warning': { content: '"▲"', color: 'var(--warn)' },
  '.cm-lint-marker-info, .cm-lint-marker-hint': { content: '"■"', color: 'var(--muted)' },
  '.cm-panels': { backgroundColor: 'var(--panel)', color: 'var(--ink)' },
  '.cm-textfield': { backgroundColor: 'var(--panel)', border: '1px solid var(--line)', color: 'var(--ink)' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--raised)', border: '1px solid var(--line)', color: 'var(--ink)' },
  '.t-keyword': { color: 'var(--c-keyword)' }, '.t-string': { color: 'var(--c-string)' },
  '.t-number': { color: 'var(--c-number)' }, '.t-function': { color: 'var(--c-function)' },
  '.t-property': { color: 'var(--c-field)' }, '.t-parameter': { color: 'var(--c-parameter)' },
  '.t-variable': { color: 'var(--c-variable)' }, '.t-type, .t-class, .t-namespace': { color: 'var(--c-modality)' },
});

export interface Acts { run: () => void; runAll: () => void; explain: () => void; changed: (text: string) => void }

/** The editor of the page, and the connection to the language server that it speaks through. */
export class Editor {
  readonly host = el('div', { class: 'editor' });
  readonly server = new LanguageServer();
  private readonly view: EditorView;
  private readonly shadow: ShadowRoot;
  private readonly states = new Map<string, EditorState>();
  private current = '';

  constructor(private readonly acts: Acts) {
    this.shadow = this.host.attachShadow({ mode: 'open' });
    this.view = new EditorView({ root: this.shadow, parent: this.shadow, state: this.fresh('') });
    this.server.onDiagnostics = (uri, found) => {
      if (uri === this.uri()) assistance.findings(this.view, this.server, found);
    };
    this.server.onState = () => assistance.refresh(this.view, this.server);
  }

  private fresh(text: string): EditorState {
    const { acts, server } = this;
    const act = (what: () => void) => (): boolean => {
      what();
      return true;
    };
    return EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(keymap.of([
          { key: 'Mod-Enter', run: act(acts.run) },
          { key: 'Shift-Mod-Enter', run: act(acts.runAll) },
          { key: 'Mod-Shift-e', run: act(acts.explain) },
          { key: 'Shift-Alt-f', run: (view) => { void format(view, server); return true; } },
          { key: 'Tab', run: acceptCompletion },
        ])),
        lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(),
        indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(), highlightSelectionMatches(),
        search({ top: true }), lintGutter(), EditorState.tabSize.of(2), EditorView.lineWrapping,
        placeholder('SELECT id, title FROM hexads LIMIT 20'),
        vql, syntaxHighlighting(colors), look,
        autocompletion({ override: [completions(server)], icons: false }),
        ...assistance.extensions(server),
        EditorView.contentAttributes.of({ 'aria-label': 'VQL statement', spellcheck: 'false', autocapitalize: 'off' }),
        keymap.of([
          ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap,
        ]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          server.change(update.state.doc.toString());
          acts.changed(update.state.doc.toString());
        }),
      ],
    });
  }

  private uri(): string {
    return `vql-console:///${this.current}.vql`;
  }

  /** Shows the text of a tab, with the cursor and the undo it had. */
  open(tab: string, text: string): void {
    if (this.current !== '') this.states.set(this.current, this.view.state);
    this.current = tab;
    const kept = this.states.get(tab);
    this.view.setState(kept && kept.doc.toString() === text ? kept : this.fresh(text));
    this.server.open(this.uri(), text);
    assistance.refresh(this.view, this.server);
  }

  /** Forgets a tab. */
  drop(tab: string): void {
    this.states.delete(tab);
    if (this.current === tab) this.current = '';
  }

  text(): string {
    return this.view.state.doc.toString();
  }

  /** Replaces the text; it can be undone. */
  replace(text: string): void {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text }, selection: { anchor: text.length } });
  }

  cursor(): number {
    return this.view.state.selection.main.head;
  }

  /** What is selected, or nothing. */
  selection(): { from: number; text: string } | null {
    const { from, to } = this.view.state.selection.main;
    return from === to ? null : { from, text: this.view.state.sliceDoc(from, to) };
  }

  /** Puts the cursor at a place, and shows it. */
  reveal(from: number, to: number): void {
    const end = this.view.state.doc.length;
    this.view.dispatch({
      selection: { anchor: Math.min(from, end), head: Math.min(to, end) }, scrollIntoView: true,
    });
    this.view.focus();
  }

  format(): Promise<boolean> {
    return format(this.view, this.server);
  }

  focus(): void {
    this.view.focus();
  }
}
