// The tests of what needs no editor: bundled with a stand-in for `vscode`, run by node itself.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";

const dir = mkdtempSync(join(tmpdir(), "vql-"));
try {
  writeFileSync(join(dir, "package.json"), "{}");
  const entryPoints = ["tests/parts.test.ts", "tests/colors.test.ts", "tests/server.test.ts"];
  buildSync({ entryPoints, bundle: true, platform: "node", format: "cjs", outdir: dir });
  const env = { ...process.env, VQL_EXTENSION: process.cwd() };
  execFileSync(process.execPath, ["--test", dir], { stdio: "inherit", env });
} finally {
  rmSync(dir, { recursive: true });
}
