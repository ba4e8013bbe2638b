// The language server, spoken to by the library that the client of Visual Studio Code is made of.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import * as lsp from "vscode-languageserver-protocol/node";

const program = process.env["VQL"];
const skip = program ? false : "VQL names no program";
const uri = "file:///q.vql";
const left: ChildProcess[] = [];
after(() => left.forEach((child) => child.kill("SIGKILL")));

/** A client with the abilities of Visual Studio Code that matter here. */
class Client {
  readonly child = spawn(program ?? "", ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  readonly connection: lsp.ProtocolConnection;
  readonly published: lsp.PublishDiagnosticsParams[] = [];
  version = 1;

  constructor() {
    left.push(this.child);
    this.connection = lsp.createProtocolConnection(
      new lsp.StreamMessageReader(this.child.stdout),
      new lsp.StreamMessageWriter(this.child.stdin),
    );
    this.connection.onNotification(lsp.PublishDiagnosticsNotification.type, (params) => void this.published.push(params));
    this.connection.onRequest(lsp.ConfigurationRequest.type, () => [null]);
    this.connection.onRequest(lsp.RegistrationRequest.type, () => undefined);
    this.connection.onRequest(lsp.DiagnosticRefreshRequest.type, () => undefined);
    this.connection.listen();
  }

  async start(pull: boolean): Promise<lsp.InitializeResult> {
    const capabilities: lsp.ClientCapabilities = {
      general: { positionEncodings: ["utf-16"] },
      workspace: { configuration: true, didChangeWatchedFiles: { dynamicRegistration: true }, diagnostics: { refreshSupport: true } },
      textDocument: {
        completion: { completionItem: { snippetSupport: true } },
        documentSymbol: { hierarchicalDocumentSymbolSupport: true },
        ...(pull ? { diagnostic: {} } : {}),
      },
    };
    const params = { processId: process.pid, rootUri: null, capabilities };
    const result = await this.connection.sendRequest(lsp.InitializeRequest.type, params);
    await this.connection.sendNotification(lsp.InitializedNotification.type, {});
    return result;
  }

  open(text: string): Promise<void> {
    this.version = 1;
    const textDocument = { uri, languageId: "vql", version: 1, text };
    return this.connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, { textDocument });
  }

  change(contentChanges: lsp.TextDocumentContentChangeEvent[]): Promise<void> {
    this.version += 1;
    const textDocument = { uri, version: this.version };
    return this.connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, { textDocument, contentChanges });
  }

  async codes(): Promise<unknown[]> {
    const report = await this.connection.sendRequest(lsp.DocumentDiagnosticRequest.type, { textDocument: { uri } });
    assert(report.kind === "full");
    return report.items.map((item) => item.code);
  }

  async stop(): Promise<number | null> {
    const ended = once(this.child, "exit");
    await this.connection.sendRequest(lsp.ShutdownRequest.type);
    await this.connection.sendNotification(lsp.ExitNotification.type);
    const [code] = (await ended) as [number | null];
    this.connection.dispose();
    return code;
  }
}

test("findings are asked for, completed, put right and laid out", { skip }, async () => {
  const client = new Client();
  const { capabilities } = await client.start(true);
  assert.equal(capabilities.positionEncoding, "utf-16");
  assert(capabilities.diagnosticProvider && capabilities.semanticTokensProvider && capabilities.renameProvider);
  await client.open("show   status;\nSELECT '😀', LENGHT(title) FROM hexads LIMIT 1;");
  const report = await client.connection.sendRequest(lsp.DocumentDiagnosticRequest.type, { textDocument: { uri } });
  assert(report.kind === "full" && report.items.length === 1);
  assert.deepEqual(report.items[0]?.range, { start: { line: 1, character: 13 }, end: { line: 1, character: 19 } });
  const list = await client.connection.sendRequest(lsp.CompletionRequest.type, { textDocument: { uri }, position: { line: 0, character: 3 } });
  assert(list && "items" in list && list.items.some((item) => item.label.toLowerCase() === "show"));
  const options = { tabSize: 2, insertSpaces: true };
  const edits = await client.connection.sendRequest(lsp.DocumentFormattingRequest.type, { textDocument: { uri }, options });
  assert(edits && edits.length > 0);
  await client.change([{ text: "SHOW STATUS;" }]);
  assert.deepEqual(await client.codes(), []);
  const outline = await client.connection.sendRequest(lsp.DocumentSymbolRequest.type, { textDocument: { uri } });
  assert.equal(outline?.length, 1);
  assert.equal(await client.stop(), 0);
});

test("every request that is offered is answered, at every place of a text", { skip }, async () => {
  const client = new Client();
  await client.start(true);
  const text = "CREATE CONTRACT c AS (DOCUMENT.year > 2000);\nSELECT round(h.x, 2) AS y FROM hexads WHERE (h)-[:a]->(b) AND SATISFIES c LIMIT 'é😀";
  await client.open(text);
  const textDocument = { uri };
  const ask = (method: string, params: object): Promise<unknown> => client.connection.sendRequest(method, { textDocument, ...params });
  for (const method of ["documentSymbol", "foldingRange", "semanticTokens/full", "codeLens", "documentLink"]) {
    await ask(`textDocument/${method}`, {});
  }
  for (const [line, words] of text.split("\n").entries()) {
    for (let character = 0; character <= words.length; character += 3) {
      const position = { line, character };
      for (const method of ["completion", "signatureHelp", "definition", "documentHighlight", "prepareRename"]) {
        await ask(`textDocument/${method}`, { position });
      }
      await ask("textDocument/references", { position, context: { includeDeclaration: true } });
      await ask("textDocument/selectionRange", { positions: [position] });
    }
  }
  assert.equal(await client.stop(), 0);
});

test("quick edits arrive in order, and are judged when they pause", { skip }, async () => {
  const client = new Client();
  await client.start(false);
  await client.open("");
  let text = "";
  const pieces = ["SELECT ", "é", "😀", "'", ";", " FROM hexads ", "(", "-- "];
  for (let round = 0; round < 2000; round += 1) {
    const at = (round * 7919) % (text.length + 1);
    // Not between the halves of a surrogate pair.
    const inside = at > 0 && text.codePointAt(at - 1)! > 0xffff;
    const start = inside ? at - 1 : at;
    const piece = pieces[round % pieces.length]!;
    const position = { line: 0, character: start };
    void client.change([{ range: { start: position, end: position }, text: piece }]);
    text = text.slice(0, start) + piece + text.slice(start);
  }
  const seen: { text: string } = await client.connection.sendRequest("vql/text", { uri });
  assert.equal(seen.text, text);
  while (!client.published.some((params) => params.version === client.version)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert(client.published.length < 1000, `${client.published.length} publications`);
  assert.equal(await client.stop(), 0);
});

test("what is cancelled is answered as cancelled, and the server goes on", { skip }, async () => {
  const client = new Client();
  await client.start(true);
  await client.open("SELECT DOCUMENT FROM hexads WHERE DOCUMENT.year > 1900;\n".repeat(40_000));
  const source = new lsp.CancellationTokenSource();
  const asked = client.connection.sendRequest(lsp.DocumentDiagnosticRequest.type, { textDocument: { uri } }, source.token);
  source.cancel();
  await assert.rejects(asked, (problem: lsp.ResponseError<unknown>) => problem.code === lsp.LSPErrorCodes.RequestCancelled);
  await client.change([{ text: "SELEC" }]);
  assert.deepEqual(await client.codes(), ["UnexpectedToken"]);
  assert.equal(await client.stop(), 0);
});

test("the server is started again after it was killed", { skip }, async () => {
  const first = new Client();
  await first.start(true);
  await first.open("SELEC");
  const ended = once(first.child, "exit");
  first.child.kill("SIGKILL");
  await ended;
  first.connection.dispose();
  const second = new Client();
  await second.start(true);
  await second.open("SELEC");
  assert.deepEqual(await second.codes(), ["UnexpectedToken"]);
  assert.equal(await second.stop(), 0);
});

test("a client that goes away without a word is not waited for", { skip }, async () => {
  const client = new Client();
  await client.start(true);
  const ended = once(client.child, "exit");
  client.connection.dispose();
  client.child.stdin.end();
  const [code] = (await ended) as [number | null];
  assert.equal(code, 1);
});
