// The talk with the server: statements, health, errors. Only to where the page came from.

export type Value = null | boolean | number | bigint | string | Value[] | { [key: string]: Value };
export type Row = { [column: string]: Value };
export interface Notice { message: string; hint?: string }

/** What a statement answered. */
export interface Answer {
  columns: string[];
  rows: Row[];
  elapsed: number;
  affected: number | null;
  notices: Notice[];
  truncated: boolean;
  raw: Value;
}

export interface Place { line: number; column: number; offset: number }

/** A refusal of the server, or no answer at all. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly kind: string,
    readonly hint: string | null = null,
    readonly span: { start: Place; end: Place } | null = null,
    readonly expected: string[] = [],
    readonly request: string | null = null,
  ) {
    super(message);
  }
}

const KEY = 'vql.key';
let changed: (key: string | null) => void = () => undefined;
let refused: () => void = () => undefined;

/** The key of this tab of the browser; it is nowhere but here and in the headers of requests. */
export function key(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Keeps or forgets the key. */
export function setKey(value: string | null): void {
  if (value === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, value);
  changed(value);
}

/** Who wants to know when somebody logs in or out, and when the server wants that. */
export function onKey(change: (key: string | null) => void, refuse: () => void): void {
  changed = change;
  refused = refuse;
}

/** Where an address of the server is, seen from this page. */
export function address(path: string): URL {
  return new URL(path, document.baseURI.split('#')[0]);
}

export function headers(): Record<string, string> {
  const said = key();
  return said === null ? {} : { authorization: `Bearer ${said}` };
}

/** Reads JSON; whole numbers that a `number` cannot hold become `bigint`. */
export function parse(text: string): Value {
  if (!/[:[,]\s*-?\d{16,}\s*[,\]}]/.test(text)) return JSON.parse(text) as Value;
  const reviver = (_: string, value: Value, context?: { source?: string }): Value =>
    typeof value === 'number' && context?.source !== undefined && /^-?\d{16,}$/.test(context.source)
      && !Number.isSafeInteger(value) ? BigInt(context.source) : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as Value;
}

/** Writes JSON, with such numbers as they were. */
export function write(value: Value, indent?: number): string {
  const raw = (JSON as unknown as { rawJSON?: (text: string) => unknown }).rawJSON;
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? raw?.(part.toString()) ?? part.toString() : part, indent);
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function problem(status: number, body: string): Problem {
  let said: Record<string, unknown> = {};
  try {
    said = JSON.parse(body) as Record<string, unknown>;
  } catch { /* Something in between answered, not the server. */ }
  const nested = said['error'];
  const inner = typeof nested === 'object' && nested !== null ? nested as Record<string, unknown> : said;
  const message = text(inner['detail']) ?? text(inner['message']) ?? text(nested) ?? text(inner['title'])
    ?? `the server answered with status ${status}`;
  return new Problem(
    message, status, text(inner['kind']) ?? text(inner['code']) ?? text(inner['title']) ?? `Status${status}`,
    text(inner['hint']), (inner['span'] as Problem['span']) ?? null,
    Array.isArray(inner['expected']) ? inner['expected'] as string[] : [],
    text(inner['request_id']) ?? text(inner['instance']),
  );
}

/** Asks the server; what is not an answer is a `Problem`. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(address(path), {
      ...init, headers: { accept: 'application/json', ...headers(), ...init.headers as Record<string, string> },
      credentials: 'same-origin', cache: 'no-store', redirect: 'error',
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') {
      throw new Problem('stopped', 0, 'Cancelled');
    }
    throw new Problem('the server cannot be reached', 0, 'Unreachable', 'is `vql serve` still running?');
  }
  if (answer.status === 401) refused();
  if (!answer.ok) throw problem(answer.status, await answer.text());
  return answer;
}

export interface Options { params?: Record<string, Value>; timeout?: number; signal?: AbortSignal; session?: string }

/** Runs one statement. */
export async function query(statement: string, options: Options = {}): Promise<Answer> {
  const body: Record<string, Value> = { query: statement };
  if (options.params && Object.keys(options.params).length > 0) body['params'] = options.params;
  if (options.timeout) body['timeout_ms'] = options.timeout;
  if (options.session) body['session'] = options.session;
  const response = await ask('api/v1/query', {
    method: 'POST', body: write(body), headers: { 'content-type': 'application/json' }, signal: options.signal,
  });
  return answerOf(parse(await response.text()));
}

/** Opens a session, in which `BEGIN`, `SET` and `PREPARE` last. */
export async function openSession(): Promise<string> {
  const answer = await ask('api/v1/sessions', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
  return String((await answer.json() as { id: unknown }).id);
}

/** Ends it; an open transaction is rolled back. */
export async function endSession(id: string): Promise<void> {
  await ask(`api/v1/sessions/${encodeURIComponent(id)}`, { method: 'DELETE', keepalive: true });
}

/** What an answer of the server says. */
export function answerOf(raw: Value): Answer {
  const said = raw as { [key: string]: Value };
  const rows = (Array.isArray(said['rows']) ? said['rows'] : []) as Row[];
  const named = (Array.isArray(said['columns']) ? said['columns'] : []) as (string | { name: string })[];
  const columns = named.map((column) => typeof column === 'string' ? column : column.name);
  const notices = (Array.isArray(said['notices']) ? said['notices'] : []) as (string | { message: string; hint?: string })[];
  return {
    columns: columns.length > 0 ? columns : Object.keys(rows[0] ?? {}),
    rows, raw,
    elapsed: typeof said['elapsed_ms'] === 'number' ? said['elapsed_ms'] : 0,
    affected: typeof said['affected'] === 'number' ? said['affected'] : null,
    notices: notices.map((notice) => typeof notice === 'string' ? { message: notice } : notice),
    truncated: said['truncated'] === true,
  };
}

/** A string literal of VQL. */
export function literal(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
