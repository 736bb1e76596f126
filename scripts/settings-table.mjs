/** The README with its settings tables made anew from src/config.ts and src/ignored-settings.ts, which are read as TypeScript: dist may not be there yet. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const BEGIN = '<!-- settings: generated from src/config.ts -->';
const END = '<!-- end of settings -->';

/** The README as it must be. Throws where the marks of the table are missing. */
export async function readmeWithSettings() {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error('README.md: the marks of the settings table are missing');
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${await table()}\n\n${readme.slice(end)}`;
}

async function table() {
  const { SETTINGS, variableOf, IGNORED_VARIABLES } = await loadSettings();
  const rows = Object.entries(SETTINGS).map(([name, setting]) => {
    const { kind, fallback, inDevelopment, meaning } = setting;
    const shown = (value) => (kind.show(value) === '' ? '' : `\`${kind.show(value)}\``);
    const development =
      inDevelopment === undefined ? '' : ` (development: ${shown(inDevelopment) || 'none'})`;
    return `| \`${variableOf(name)}\` | ${shown(fallback)}${development} | ${meaning} |`;
  });
  const ignored = [...IGNORED_VARIABLES].map(([name, why]) => `| \`${name}\` | ${why} |`);
  return [
    '| variable | default | what it does |',
    '|---|---|---|',
    ...rows,
    '',
    'So that the environment of an existing deployment keeps working these are accepted, without effect; a line of the log says which at every start.',
    '',
    '| variable | why it has no effect |',
    '|---|---|',
    ...ignored,
  ].join('\n');
}

/** src/config.ts and src/ignored-settings.ts with what they import, the types taken off. */
async function loadSettings() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-config-'));
  try {
    for (const name of ['config', 'config-kinds', 'errors', 'ignored-settings']) {
      const { outputText } = ts.transpileModule(readFileSync(path.join(root, `src/${name}.ts`), 'utf8'), {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
      });
      writeFileSync(path.join(folder, `${name}.js`), outputText);
    }
    writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
    const [settings, ignored] = await Promise.all(
      ['config', 'ignored-settings'].map(
        (name) => import(pathToFileURL(path.join(folder, `${name}.js`)).href),
      ),
    );
    return { ...settings, ...ignored };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
