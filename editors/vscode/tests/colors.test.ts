// Every accepted statement of a corpus (VQL_CORPUS) is colored: no word or sign is left without a scope, and
// strings, comments and paths end where vql ends them.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { statements } from "../src/statements";

const root = process.env["VQL_EXTENSION"] ?? ".";
const load = createRequire(join(root, "package.json"));
const folder = join(process.env["VQL_CORPUS"] ?? "", "cases");
const there = process.env["VQL_CORPUS"] !== undefined && existsSync(folder);

test("the corpus is colored", { skip: there ? false : "VQL_CORPUS names no corpus" }, async () => {
  const textmate = load("vscode-textmate");
  const oniguruma = load("vscode-oniguruma");
  await oniguruma.loadWASM(readFileSync(load.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources: string[]) => new oniguruma.OnigScanner(sources),
      createOnigString: (text: string) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => {
      const path = join(root, "syntaxes/vql.tmLanguage.json");
      return textmate.parseRawGrammar(readFileSync(path, "utf8"), path);
    },
  });
  const grammar = await registry.loadGrammar("source.vql");
  const problems: string[] = [];
  let count = 0;
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".vql"))) {
    const about = JSON.parse(readFileSync(join(folder, name.replace(/vql$/, "json")), "utf8"));
    if (about.expect !== "accept") continue;
    count += 1;
    const text = readFileSync(join(folder, name), "utf8");
    const ends: number[] = [];
    let state = textmate.INITIAL;
    let offset = 0;
    for (const line of text.split("\n")) {
      const result = grammar.tokenizeLine(line, state);
      state = result.ruleStack;
      for (const token of result.tokens) {
        const piece = line.slice(token.startIndex, token.endIndex);
        const scope: string = token.scopes.at(-1);
        if (scope === "source.vql" && piece.trim()) problems.push(`${name}: ${piece} has no scope`);
        if (/invalid/.test(scope)) problems.push(`${name}: ${piece} is ${scope}`);
        if (scope === "punctuation.terminator.statement.vql") ends.push(offset + token.startIndex);
      }
      offset += line.length + 1;
    }
    // Between two statements there is a `;`, and inside of one there is none.
    const all = statements(text);
    const inside = ends.filter((at) => all.some((s) => s.start <= at && at < s.end));
    if (inside.length > 0 || ends.length < all.length - 1) problems.push(`${name}: semicolons at ${ends.join()}`);
  }
  assert.deepEqual(problems, []);
  assert(count > 0, "the corpus is empty");
});
