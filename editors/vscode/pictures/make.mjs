// Makes the pictures of the README: VQL=path/to/vql node pictures/make.mjs (needs chromium).
// The code is colored by the TextMate grammar itself, the panel is the page the extension shows.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";

const load = createRequire(import.meta.url);
const textmate = load("vscode-textmate");
const oniguruma = load("vscode-oniguruma");
const dir = mkdtempSync(join(tmpdir(), "vql-pictures-"));
const COLORS = [
  [/^comment/, "#6a9955"], [/^string/, "#ce9178"], [/^constant\.numeric/, "#b5cea8"], [/^constant/, "#569cd6"],
  [/^support\.type|^entity\.name/, "#4ec9b0"], [/^support\.function/, "#dcdcaa"], [/^variable/, "#9cdcfe"], [/^keyword\.(other|operator\.word)/, "#c586c0"],
];
const EXAMPLE = `-- Gauges near the river whose text and vector have drifted apart
SELECT DOCUMENT.title, DOCUMENT.year, SPATIAL
FROM hexads
WHERE DOCUMENT.year >= 2020 AND FULLTEXT MATCHES /ice|weir/
  AND WITHIN RADIUS(54.2, -1.9, 25 km)
  AND (h)-[:MEASURES*1..3]->(river)
  AND DRIFT(DOCUMENT, VECTOR) > 0.3
ORDER BY DOCUMENT.year DESC
LIMIT $n;
`;
const STATEMENT = "SELECT id, DOCUMENT.title FROM hexads WHERE DOCUMENT EXISTS ORDER BY DOCUMENT.title LIMIT 8";

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
async function code(text) {
  await oniguruma.loadWASM(readFileSync(load.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
  const onigLib = Promise.resolve({
    createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
    createOnigString: (string) => new oniguruma.OnigString(string),
  });
  const path = "syntaxes/vql.tmLanguage.json";
  const registry = new textmate.Registry({ onigLib, loadGrammar: async () => textmate.parseRawGrammar(readFileSync(path, "utf8"), path) });
  const grammar = await registry.loadGrammar("source.vql");
  let state = textmate.INITIAL;
  let html = "";
  for (const line of text.split("\n")) {
    const result = grammar.tokenizeLine(line, state);
    state = result.ruleStack;
    for (const token of result.tokens) {
      const scope = [...token.scopes].reverse().find((name) => COLORS.some(([pattern]) => pattern.test(name))) ?? "";
      const color = COLORS.find(([pattern]) => pattern.test(scope))?.[1] ?? "#d4d4d4";
      html += `<span style="color:${color}">${escape(line.slice(token.startIndex, token.endIndex))}</span>`;
    }
    html += "\n";
  }
  return `<body style="margin:0;background:#1e1e1e"><pre style="margin:16px;font:15px/22px 'DejaVu Sans Mono',monospace">${html}</pre></body>`;
}

function picture(html, name, width, height) {
  const page = join(dir, `${name}.html`);
  writeFileSync(page, html);
  const args = ["--headless", "--no-sandbox", "--disable-gpu", `--window-size=${width},${height}`, `--screenshot=${resolve("pictures", `${name}.png`)}`];
  execFileSync("chromium", [...args, `file://${page}`], { stdio: "ignore" });
}

buildSync({ entryPoints: ["src/answer.ts"], bundle: true, platform: "node", format: "cjs", outfile: join(dir, "answer.cjs") });
const { answers, page } = load(join(dir, "answer.cjs"));
const json = execFileSync(process.env.VQL ?? "vql", ["repl", "--demo", "--no-init", "--format", "json", "-c", STATEMENT], { encoding: "utf8" });
picture(await code(EXAMPLE), "code", 760, 260);
picture(page(answers(json, "")), "result", 760, 290);
