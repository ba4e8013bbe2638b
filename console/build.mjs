// Makes what `src/server/console/` embeds: one script, one style sheet, one page.
// The same sources give the same bytes; the test compares them with what is committed.

import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** Writes the files into a folder, and answers their names. */
export async function make(folder) {
  await mkdir(folder, { recursive: true });
  const { metafile } = await build({
    metafile: true,
    absWorkingDir: here,
    entryPoints: { app: 'src/main.ts' },
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'eof',
    logLevel: 'warning',
  });
  const version = async (name) =>
    createHash('sha256').update(await readFile(join(folder, name))).digest('hex').slice(0, 16);
  let page = await readFile(join(here, 'src/index.html'), 'utf8');
  for (const name of ['app.js', 'app.css']) page = page.replace(`${name}"`, `${name}?v=${await version(name)}"`);
  await writeFile(join(folder, 'index.html'), page);
  await copyFile(join(here, 'src/icon.svg'), join(folder, 'icon.svg'));
  await writeFile(join(folder, 'licenses.txt'), await licenses(Object.keys(metafile.inputs)));
  return ['index.html', 'app.js', 'app.css', 'icon.svg', 'licenses.txt'];
}

/** The licenses of the packages that are a part of the script; they want to go with it. */
async function licenses(inputs) {
  const names = new Set(inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const texts = await Promise.all([...names].sort().map(async (name) => {
    const { version } = JSON.parse(await readFile(join(here, 'node_modules', name, 'package.json'), 'utf8'));
    return `${name} ${version}\n\n${(await readFile(join(here, 'node_modules', name, 'LICENSE'), 'utf8')).trim()}\n`;
  }));
  return texts.join(`\n${'-'.repeat(60)}\n\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await make(process.argv[2] ?? join(here, '../src/server/console/dist'));
}
