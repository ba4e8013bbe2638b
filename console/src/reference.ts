// The interface over HTTP, as the server itself describes it (OpenAPI): what can be asked, with what, for what.

import { address, ask } from './api.ts';
import { button, copy, el, show, type Child } from './dom.ts';
import { markdown } from './markdown.ts';
import { failure } from './results.ts';

interface Schema {
  $ref?: string; type?: string | string[]; description?: string; properties?: Record<string, Schema>; items?: Schema | boolean;
  required?: string[]; enum?: unknown[]; const?: unknown; anyOf?: Schema[]; oneOf?: Schema[]; allOf?: Schema[]; format?: string;
  additionalProperties?: Schema | boolean; default?: unknown;
}
interface Media { schema?: Schema }
interface Parameter { name: string; in: string; required?: boolean; description?: string; schema?: Schema; $ref?: string }
interface Operation {
  summary?: string; description?: string; tags?: string[]; parameters?: Parameter[]; operationId?: string;
  requestBody?: { content?: Record<string, Media>; description?: string };
  responses?: Record<string, { description?: string; content?: Record<string, Media>; $ref?: string }>;
}
interface Description {
  info?: { title?: string; version?: string; description?: string };
  paths?: Record<string, Record<string, Operation>>; components?: Record<string, Record<string, unknown>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const DEPTH = 5;

export class ReferencePage {
  readonly host = el('section', { class: 'page reference', 'aria-label': 'API' });
  private readonly list = el('nav', { class: 'operations', 'aria-label': 'Operations' });
  private readonly body = el('div', { class: 'operation' });
  private said: Description | null = null;

  constructor() {
    this.host.append(el('header', { class: 'title' }, el('h1', {}, 'API')), el('div', { class: 'two' }, this.list, this.body));
  }

  async load(): Promise<void> {
    if (this.said) return;
    show(this.body, el('p', { class: 'muted' }, 'Loading ..'));
    try {
      this.said = await (await ask('api/v1/openapi.json')).json() as Description;
      this.draw();
    } catch (cause) {
      show(this.body, failure(cause));
    }
  }

  private all(): { path: string; method: string; operation: Operation }[] {
    return Object.entries(this.said?.paths ?? {}).flatMap(([path, item]) =>
      METHODS.flatMap((method) => item[method] ? [{ path, method, operation: item[method] }] : []));
  }

  private draw(): void {
    const all = this.all();
    const groups = new Map<string, typeof all>();
    for (const one of all) {
      const name = one.operation.tags?.[0] ?? one.path.split('/').filter((part) => part !== 'api' && part !== 'v1')[1 - 1] ?? 'other';
      groups.set(name, [...groups.get(name) ?? [], one]);
    }
    const search = el('input', { type: 'search', placeholder: 'Find', 'aria-label': 'Find an operation', oninput: () => fill() });
    const found = el('div', {});
    const fill = (): void => show(found, [...groups].map(([name, ones]) => {
      const fits = ones.filter((one) => `${one.path} ${one.method} ${one.operation.summary ?? ''}`.toLowerCase().includes(search.value.toLowerCase()));
      return fits.length > 0 && [el('h2', {}, name), el('ul', {}, fits.map((one) => el('li', {}, el('button', {
        type: 'button', class: 'entry', onclick: (event: MouseEvent) => {
          for (const other of found.querySelectorAll('[aria-current]')) other.removeAttribute('aria-current');
          (event.currentTarget as Element).setAttribute('aria-current', 'true');
          this.open(one);
        },
      }, el('span', { class: `method m-${one.method}` }, one.method.toUpperCase()), el('span', { class: 'code' }, one.path.replace('/api/v1', ''))))))];
    }));
    show(this.list, search, found);
    fill();
    const info = this.said?.info;
    show(this.body, el('h2', {}, `${info?.title ?? 'vql'} ${info?.version ?? ''}`), markdown(info?.description ?? ''),
      el('p', {}, `${all.length} operations. The description for programs: `, el('span', { class: 'code' }, address('api/v1/openapi.json').href)),
      el('p', { class: 'muted' }, el('a', { href: 'console/licenses.txt', class: 'plain-link' }, 'Licenses'), ' of what this page is built of.'));
  }

  private open({ path, method, operation }: { path: string; method: string; operation: Operation }): void {
    const body = Object.entries(operation.requestBody?.content ?? {});
    const parameters = (operation.parameters ?? []).map((one) => one.$ref ? this.at(one.$ref) as Parameter : one);
    const command = this.command(path, method, parameters, body[0]);
    show(this.body,
      el('h2', {}, el('span', { class: `method m-${method}` }, method.toUpperCase()), ' ', el('span', { class: 'code' }, path)),
      operation.summary && el('p', {}, operation.summary), operation.description && markdown(operation.description),
      parameters.length > 0 && [el('h3', {}, 'Parameters'), el('table', { class: 'plain' }, el('tbody', {}, parameters.map((one) => el('tr', {},
        el('th', { scope: 'row', class: 'code' }, one.name, one.required && ' *'), el('td', {}, one.in), el('td', {}, one.schema && this.name(one.schema)),
        el('td', {}, one.description)))))],
      body.map(([type, media]) => [el('h3', {}, 'Body ', el('small', {}, type)), media.schema && this.schema(media.schema, 0)]),
      el('h3', {}, 'Answers'), Object.entries(operation.responses ?? {}).map(([status, given]) => {
        const answer = given.$ref ? this.at(given.$ref) as typeof given : given;
        const content = Object.entries(answer.content ?? {});
        return el('details', { open: status.startsWith('2') }, el('summary', {}, el('strong', {}, status), ` ${answer.description ?? ''}`),
          content.map(([type, media]) => [el('p', { class: 'muted' }, type), media.schema && this.schema(media.schema, 0)]));
      }),
      el('h3', {}, 'From a terminal ', button('Copy', () => void copy(command, 'Command'), { class: 'small' })), el('pre', {}, command));
  }

  private command(path: string, method: string, parameters: Parameter[], body: [string, Media] | undefined): string {
    const wanted = parameters.filter((one) => one.in === 'query' && one.required).map((one) => `${one.name}=..`).join('&');
    const lines = [`curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}'${address('.').origin}${path}${wanted && `?${wanted}`}'`,
      `-H "authorization: Bearer $VQL_KEY"`];
    if (body) lines.push(`-H 'content-type: ${body[0]}'`, `-d '${JSON.stringify(body[1].schema ? this.sample(body[1].schema, 0) : {})}'`);
    return lines.join(' \\\n  ');
  }

  private at(ref: string): unknown {
    return ref.replace(/^#\//, '').split('/').reduce<unknown>((inside, name) =>
      (inside as Record<string, unknown> | undefined)?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], this.said);
  }

  private real(schema: Schema): Schema {
    return schema.$ref ? this.at(schema.$ref) as Schema ?? {} : schema;
  }

  private name(schema: Schema): string {
    if (schema.$ref) return schema.$ref.split('/').at(-1) ?? '';
    const some = schema.anyOf ?? schema.oneOf;
    if (some) return some.map((one) => this.name(one)).join(' or ');
    if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' or ');
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    const type = Array.isArray(schema.type) ? schema.type.join(' or ') : schema.type ?? 'any';
    if (type.startsWith('array')) return `list of ${typeof schema.items === 'object' ? this.name(schema.items) : 'any'}`;
    return schema.format ? `${type} (${schema.format})` : type;
  }

  private schema(schema: Schema, depth: number): Child {
    const real = this.real(schema);
    const inside = real.items && typeof real.items === 'object' ? real.items : null;
    if (depth > DEPTH) return null;
    if (!real.properties) {
      const some = real.anyOf ?? real.oneOf ?? real.allOf;
      if (some) return some.map((one) => this.schema(one, depth + 1));
      return inside ? [el('p', { class: 'muted' }, this.name(real)), this.schema(inside, depth + 1)] : el('p', { class: 'muted' }, this.name(real));
    }
    return el('ul', { class: 'schema' }, Object.entries(real.properties).map(([name, part]) => {
      const whole = this.real(part);
      const list = typeof whole.items === 'object' ? this.real(whole.items) : null;
      const more = whole.properties ? whole : list?.properties ? list : null;
      return el('li', {}, el('span', { class: 'code' }, name), real.required?.includes(name) ? ' *' : '',
        el('span', { class: 'muted' }, ` ${this.name(part)}`), (part.description ?? whole.description) && el('div', {}, part.description ?? whole.description),
        more && el('details', {}, el('summary', {}, 'members'), this.schema(more, depth + 1)));
    }));
  }

  private sample(schema: Schema, depth: number): unknown {
    const real = this.real(schema);
    if (real.default !== undefined) return real.default;
    if (real.enum) return real.enum[0];
    if (depth > 3) return null;
    if (real.properties) {
      const wanted = Object.entries(real.properties).filter(([name]) => real.required?.includes(name));
      return Object.fromEntries(wanted.map(([name, part]) => [name, this.sample(part, depth + 1)]));
    }
    const some = real.anyOf ?? real.oneOf ?? real.allOf;
    if (some) return this.sample(some[0], depth + 1);
    const type = Array.isArray(real.type) ? real.type[0] : real.type;
    return { string: '..', integer: 1, number: 1, boolean: true, array: [], object: {} }[type ?? ''] ?? null;
  }
}
