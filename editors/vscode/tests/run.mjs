// The tests of what needs no editor: bundled with a stand-in for `vscode`, run by node itself.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";

const dir = mkdtempSync(join(tmpdir(), "vql-"));
try {
  writeFileSync(join(dir, "package.json"), "{}");
  buildSync({ entryPoints: ["tests/parts.test.ts"], bundle: true, platform: "node", format: "cjs", outfile: join(dir, "parts.test.js") });
  execFileSync(process.execPath, ["--test", dir], { stdio: "inherit" });
} finally {
  rmSync(dir, { recursive: true });
}
