// Statements, answers and the page of the result panel.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { answers, page, run } from "../src/answer";
import { statementAt, statements } from "../src/statements";

const bodies = (text: string): string[] => statements(text).map((s) => text.slice(s.start, s.end));

test("a statement ends at its semicolon and nowhere else", () => {
  assert.deepEqual(bodies("SELECT ';' FROM b -- ;\n; /* ; */ COMMIT;;"), ["SELECT ';' FROM b", "COMMIT"]);
  assert.deepEqual(bodies("SELECT * FROM FEDERATION /* LIMIT 1; COMMIT"), ["SELECT * FROM FEDERATION /* LIMIT 1", "COMMIT"]);
  assert.deepEqual(bodies("a MATCHES /x;y/; COMMIT"), ["a MATCHES /x;y/", "COMMIT"]);
  assert.deepEqual(bodies("SELECT 'open; COMMIT"), ["SELECT 'open; COMMIT"]);
  assert.deepEqual(bodies(" ; \n"), []);
});

test("the statement under the cursor", () => {
  const text = "BEGIN;\nSELECT *\nFROM a;\nCOMMIT";
  assert.equal(statementAt(text, 2), "BEGIN");
  assert.equal(statementAt(text, 12), "SELECT *\nFROM a");
  assert.equal(statementAt(text, text.length), "COMMIT");
  assert.equal(statementAt("", 0), undefined);
});

test("nothing of an answer becomes markup", () => {
  const html = page([{ columns: ["<b>"], rows: [{ "<b>": "<script>x</script>" }], row_count: 1 }]);
  assert(!html.includes("<script>") && html.includes("&lt;script&gt;") && html.includes("1 row"));
});

test("an error of the program is an answer", () => {
  assert.equal(answers("", "no such file\n")[0]?.error?.message, "no such file");
});

const program = process.env["VQL"];
test("statements run through the real program", { skip: program ? false : "VQL names no program" }, async () => {
  const dir = mkdtempSync(join(tmpdir(), "vql-run-"));
  try {
    const found = await run(program ?? "", join(dir, "a.db"), "INSERT HEXAD 'a' WITH DOCUMENT(title='one'); SELECT DOCUMENT.title FROM hexads", dir);
    assert.deepEqual(found.at(-1)?.rows, [{ "document.title": "one" }]);
    const wrong = await run(program ?? "", join(dir, "a.db"), "SELEC 1", dir);
    assert.equal(wrong[0]?.error?.kind, "UnexpectedToken");
    await assert.rejects(run(join(dir, "none"), "", "BEGIN", dir));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
