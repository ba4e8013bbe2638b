/** The extension: commands, the result panel, formatting, and the language server where vql has one. */
import { execFile } from "node:child_process";
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions } from "vscode-languageclient/node";
import { type Answer, page, run } from "./answer";
import { statementAt } from "./statements";

let client: LanguageClient | undefined;
let panel: vscode.WebviewPanel | undefined;
let output: vscode.OutputChannel;
let status: vscode.StatusBarItem;

const setting = (name: string): string => vscode.workspace.getConfiguration("vql").get<string>(name) ?? "";
const program = (): string => setting("path") || "vql";
const folder = (): string | undefined => vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;

/** Runs the program with a text on its standard input. */
function pipe(args: string[], text: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(program(), args, { cwd: folder(), maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === "number" ? error.code : 127) : 0;
      resolve({ code, stdout, stderr: stderr || (error?.message ?? "") });
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(text);
  });
}

/** What is selected, or the statement under the cursor. */
function chosen(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const selected = editor.document.getText(editor.selection);
  return selected.trim() ? selected : statementAt(editor.document.getText(), editor.document.offsetAt(editor.selection.active));
}

async function show(prefix: string): Promise<void> {
  const text = chosen();
  if (!text) {
    void vscode.window.showWarningMessage("There is no statement here.");
    return;
  }
  const explained = /^\s*explain\b/i.test(text);
  try {
    const answer = await run(program(), setting("database"), prefix && !explained ? `${prefix} ${text}` : text, folder());
    present(answer);
  } catch (problem) {
    void vscode.window.showErrorMessage(problem instanceof Error ? problem.message : String(problem));
  }
}

async function showPlan(): Promise<void> {
  const text = chosen();
  if (!text) return;
  const target = setting("database");
  const { code, stdout, stderr } = await pipe(["explain", "--format", "json", ...(target ? [target] : []), "-"], text);
  if (code !== 0) {
    void vscode.window.showErrorMessage(stderr.trim());
    return;
  }
  const document = await vscode.workspace.openTextDocument({ language: "json", content: stdout });
  await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside, true);
}

async function connect(): Promise<void> {
  const found = await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, title: "Database directory" });
  const path = found?.[0]?.fsPath;
  if (path) await vscode.workspace.getConfiguration("vql").update("database", path, vscode.workspace.workspaceFolders ? undefined : true);
}

function refresh(): void {
  const database = setting("database");
  status.text = `$(database) ${database ? database.split(/[\\/]/).pop() : "vql.db"}`;
  status.tooltip = `VQL statements run on ${database || "./vql.db"}`;
}

async function format(document: vscode.TextDocument): Promise<vscode.TextEdit[]> {
  const text = document.getText();
  const { code, stdout, stderr } = await pipe(["fmt", "-"], text);
  if (code !== 0) {
    output.appendLine(stderr.trim());
    return [];
  }
  const all = new vscode.Range(document.positionAt(0), document.positionAt(text.length));
  return stdout === text ? [] : [vscode.TextEdit.replace(all, stdout)];
}

/** Shows what statements answered beside the text. */
function present(answer: Parameters<typeof page>[0]): void {
  if (!panel) {
    const beside = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    panel = vscode.window.createWebviewPanel("vql.result", "VQL result", beside, { enableScripts: false });
    panel.onDidDispose(() => (panel = undefined));
  }
  panel.webview.html = page(answer);
}

/** Starts the server; false when this vql has none. */
async function startServer(): Promise<boolean> {
  await client?.stop();
  client = undefined;
  const { code } = await pipe(["lsp", "--help"], "");
  if (code !== 0) {
    output.appendLine(`${program()} has no language server`);
    return false;
  }
  const command = { command: program(), args: ["lsp"], options: { cwd: folder() } };
  const options: LanguageClientOptions = {
    documentSelector: [{ language: "vql" }, { language: "markdown" }],
    outputChannel: output,
    initializationOptions: vscode.workspace.getConfiguration("vql"),
    synchronize: {
      configurationSection: "vql",
      fileEvents: vscode.workspace.createFileSystemWatcher("**/*.vql"),
    },
    middleware: {
      // `Run`, `Explain` and `Drift` above statements: their answer belongs into the panel.
      executeCommand: async (name, args, next) => {
        const result: unknown = await next(name, args);
        if (result && typeof result === "object" && "answer" in result) present([result.answer as Answer]);
        return result;
      },
    },
  };
  client = new LanguageClient("vql", "VQL", { run: command, debug: command }, options);
  await client.start();
  return true;
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  output = vscode.window.createOutputChannel("VQL");
  status = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Right, 10);
  status.command = "vql.connect";
  refresh();
  status.show();
  const command = (name: string, body: () => unknown): vscode.Disposable => vscode.commands.registerCommand(name, body);
  context.subscriptions.push(
    output,
    status,
    command("vql.run", () => show("")),
    command("vql.explain", () => show("EXPLAIN")),
    command("vql.showPlan", showPlan),
    command("vql.connect", connect),
    command("vql.restartServer", startServer),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("vql")) refresh();
    }),
    vscode.workspace.onWillSaveTextDocument((event) => {
      const wanted = vscode.workspace.getConfiguration("vql").get<boolean>("formatOnSave");
      if (wanted && event.document.languageId === "vql") event.waitUntil(format(event.document));
    }),
  );
  if (!(await startServer())) {
    // The server formats where there is one.
    context.subscriptions.push(
      vscode.languages.registerDocumentFormattingEditProvider("vql", { provideDocumentFormattingEdits: format }),
    );
  }
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
}
