// A client of the language server over a WebSocket: requests, answers, reconnecting. It knows no editor.

import { address, headers } from './api.ts';

export interface Position { line: number; character: number }
export interface Range { start: Position; end: Position }
export interface TextEdit { range: Range; newText: string }
export interface Diagnostic {
  range: Range; severity?: number; message: string; code?: string | number; source?: string;
}

type Waiting = { done: (value: unknown) => void; failed: (cause: Error) => void };
interface Message { id?: number; method?: string; params?: unknown; result?: unknown; error?: { message: string } }

/** How long the next attempt waits, at most. */
const LONGEST = 30_000;

export class LanguageServer {
  private socket: WebSocket | null = null;
  private next = 1;
  private readonly waiting = new Map<number, Waiting>();
  private pause = 500;
  private timer: number | undefined;
  private text: { uri: string; text: string; version: number } | null = null;
  private legend: string[] = [];
  /** True while it answers. */
  ready = false;
  onState: (ready: boolean) => void = () => undefined;
  onDiagnostics: (uri: string, found: Diagnostic[]) => void = () => undefined;

  /** The names of the kinds of tokens that it tells. */
  get kinds(): string[] {
    return this.legend;
  }

  /** Begins, or begins anew with another key. */
  connect(): void {
    this.close();
    const place = address('console/lsp');
    place.protocol = place.protocol === 'https:' ? 'wss:' : 'ws:';
    let socket: WebSocket;
    try {
      socket = new WebSocket(place);
    } catch {
      return;
    }
    this.socket = socket;
    socket.onopen = () => void this.begin(socket);
    socket.onmessage = (event) => this.take(JSON.parse(String(event.data)) as Message);
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.lost();
      // Who may not ask now will not be let in a moment later either.
      if (event.code === 4401 || event.code === 4404) return;
      this.timer = window.setTimeout(() => this.connect(), this.pause);
      this.pause = Math.min(this.pause * 2, LONGEST);
    };
  }

  /** Ends the connection. */
  close(): void {
    window.clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.lost();
  }

  private lost(): void {
    const had = this.ready;
    this.ready = false;
    for (const one of this.waiting.values()) one.failed(new Error('the connection ended'));
    this.waiting.clear();
    if (had) this.onState(false);
  }

  private async begin(socket: WebSocket): Promise<void> {
    // The key goes in the first message: an address would be written into logs.
    socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'vql/authorize', params: headers() }));
    try {
      const said = await this.request('initialize', {
        processId: null, rootUri: null, clientInfo: { name: 'vql console' }, capabilities: {
          general: { positionEncodings: ['utf-16'] },
          textDocument: {
            completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
            hover: { contentFormat: ['markdown'] },
            publishDiagnostics: {},
            semanticTokens: {
              requests: { full: true }, tokenTypes: [], tokenModifiers: [], formats: ['relative'],
            },
            codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } } },
          },
        },
      }) as { capabilities?: { semanticTokensProvider?: { legend?: { tokenTypes?: string[] } } } };
      this.legend = said.capabilities?.semanticTokensProvider?.legend?.tokenTypes ?? [];
      this.notify('initialized', {});
      this.ready = true;
      this.pause = 500;
      if (this.text) this.open(this.text.uri, this.text.text, true);
      this.onState(true);
    } catch { /* The socket ended; `onclose` knows. */ }
  }

  private take(message: Message): void {
    if (message.id !== undefined && message.method === undefined) {
      const one = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error) one?.failed(new Error(message.error.message));
      else one?.done(message.result);
    } else if (message.method === 'textDocument/publishDiagnostics') {
      const found = message.params as { uri: string; diagnostics: Diagnostic[]; version?: number };
      // Findings of a text that was changed meanwhile would stand in wrong places.
      if (found.version !== undefined && found.version !== this.text?.version) return;
      this.onDiagnostics(found.uri, found.diagnostics);
    } else if (message.id !== undefined) {
      this.send({ id: message.id, result: null });
    }
  }

  private send(message: Message): void {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
    }
  }

  notify(method: string, params: unknown): void {
    this.send({ method, params });
  }

  /** Asks, and gives up when `signal` says so. */
  request(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    return new Promise((done, failed) => {
      if (this.socket?.readyState !== WebSocket.OPEN) {
        failed(new Error('there is no connection'));
        return;
      }
      const id = this.next;
      this.next += 1;
      this.waiting.set(id, { done, failed });
      signal?.addEventListener('abort', () => {
        if (!this.waiting.delete(id)) return;
        this.notify('$/cancelRequest', { id });
        failed(new Error('nobody waits any more'));
      });
      this.send({ id, method, params });
    });
  }

  /** Says which text is looked at: one at a time. */
  open(uri: string, text: string, again = false): void {
    if (this.text && !again && this.ready) {
      this.notify('textDocument/didClose', { textDocument: { uri: this.text.uri } });
    }
    this.text = { uri, text, version: 1 };
    if (this.ready) {
      this.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'vql', version: 1, text } });
    }
  }

  /** Says that the text is another now. */
  change(text: string): void {
    if (!this.text) return;
    this.text = { ...this.text, text, version: this.text.version + 1 };
    if (!this.ready) return;
    const { uri, version } = this.text;
    this.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text }] });
  }

  /** Says that the text was saved: the server looks at the names of the database again. */
  saved(): void {
    if (this.ready && this.text) this.notify('textDocument/didSave', { textDocument: { uri: this.text.uri } });
  }

  /** Asks about the text that is looked at. */
  about(method: string, params: Record<string, unknown>, signal?: AbortSignal): Promise<unknown> {
    if (!this.ready || !this.text) return Promise.resolve(null);
    return this.request(method, { textDocument: { uri: this.text.uri }, ...params }, signal);
  }
}
