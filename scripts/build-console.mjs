/** Bundles the console for auditors: one page, its script and its style, each with a hash of its content in the name. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = path.join(root, 'src/console');
const { version } = JSON.parse(readFileSync(path.join(root, 'node_modules/preact/package.json'), 'utf8'));

/** Writes the bundle into a folder, which is made where it is missing. */
export async function buildConsole(folder) {
  const { metafile } = await build({
    absWorkingDir: source,
    entryPoints: { console: 'main.tsx', style: 'console.css', icon: 'icon.svg' },
    entryNames: '[name]-[hash]',
    outdir: folder,
    loader: { '.svg': 'copy' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: `/*! with preact ${version}, MIT license, (c) 2015-present Jason Miller */` },
    logLevel: 'warning',
    metafile: true,
  });

  const names = Object.keys(metafile.outputs).map((file) => path.basename(file));
  const nameOf = (start) => names.find((name) => name.startsWith(`${start}-`));
  const page = readFileSync(path.join(source, 'index.html'), 'utf8')
    .replace('{{script}}', nameOf('console'))
    .replace('{{style}}', nameOf('style'))
    .replace('{{icon}}', nameOf('icon'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'index.html'), page);
}
