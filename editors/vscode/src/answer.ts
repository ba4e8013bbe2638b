/** Runs statements through `vql repl` and turns its JSON into a page. */
import { execFile } from "node:child_process";

export interface Answer {
  columns?: string[];
  rows?: Record<string, unknown>[];
  row_count?: number;
  elapsed_ms?: number;
  error?: { kind: string; message: string; hint?: string };
}

export function parameters(database: string, text: string): string[] {
  const args = ["repl", "--no-init", "--color", "never", "--format", "json"];
  if (database) args.push(database);
  return [...args, "-c", text];
}

/** One answer for each statement; an error of the program itself is an answer too. */
export function answers(stdout: string, stderr: string): Answer[] {
  const found = stdout
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => JSON.parse(line) as Answer);
  if (found.length === 0 && stderr.trim()) {
    found.push({ error: { kind: "vql", message: stderr.trim() } });
  }
  return found;
}

export function run(path: string, database: string, text: string, cwd: string | undefined): Promise<Answer[]> {
  return new Promise((resolve, reject) => {
    const limits = { cwd, maxBuffer: 256 * 1024 * 1024 };
    const child = execFile(path, parameters(database, text), limits, (error, stdout, stderr) => {
      const missing = error && typeof error.code === "string";
      if (missing) reject(new Error(`cannot run ${path}: ${error.message}`));
      else {
        try {
          resolve(answers(stdout, stderr));
        } catch (problem) {
          reject(new Error(`the answer of ${path} is not JSON: ${String(problem)}`));
        }
      }
    });
    child.stdin?.end();
  });
}

export function escape(text: string): string {
  const signs: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (sign) => signs[sign] ?? sign);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '<td class="null">null</td>';
  if (typeof value === "number") return `<td class="number">${value}</td>`;
  return `<td>${escape(typeof value === "string" ? value : JSON.stringify(value))}</td>`;
}

function section(answer: Answer): string {
  if (answer.error) {
    const hint = answer.error.hint ? `<p class="hint">${escape(answer.error.hint)}</p>` : "";
    return `<p class="error"><b>${escape(answer.error.kind)}</b>: ${escape(answer.error.message)}</p>${hint}`;
  }
  const columns = answer.columns ?? [];
  const head = columns.map((name) => `<th scope="col">${escape(name)}</th>`).join("");
  const rows = (answer.rows ?? []).map((row) => `<tr>${columns.map((name) => cell(row[name])).join("")}</tr>`);
  const count = answer.row_count ?? rows.length;
  const table = columns.length ? `<table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>` : "";
  const time = answer.elapsed_ms === undefined ? "" : `, ${answer.elapsed_ms} ms`;
  return `${table}<p class="count">${count} ${count === 1 ? "row" : "rows"}${time}</p>`;
}

const STYLE = `
body { font-family: var(--vscode-font-family); color: var(--vscode-foreground); background: var(--vscode-editor-background); }
table { border-collapse: collapse; font-family: var(--vscode-editor-font-family, monospace); }
th, td { border: 1px solid var(--vscode-panel-border, #8884); padding: 2px 8px; text-align: left; vertical-align: top; }
th { position: sticky; top: 0; background: var(--vscode-editorWidget-background, #eee); }
.number { text-align: right; } .null, .count, .hint { opacity: .7; }
.error { color: var(--vscode-errorForeground, #c00); }`;

/** The page of the result panel: no scripts, nothing from elsewhere. */
export function page(all: Answer[]): string {
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>VQL</title><style>${STYLE}</style></head><body>${all.map(section).join("<hr>")}</body></html>`;
}
