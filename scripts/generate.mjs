#!/usr/bin/env node
/**
 * Generates what is never written by hand:
 *
 *   committed      openapi.yaml                the contract in one file, from openapi/
 *                  docs/ERRORS.md              what each operation can refuse
 *   not committed  src/generated/api.ts        its types
 *                  src/generated/contract.json its schemas in a form Ajv 2020 compiles
 *                  src/generated/contract.ts   the same as a typed module
 *                  src/generated/prisma/       the database client, from prisma/schema.prisma
 *
 * `--check` writes nothing and fails if a committed file is not what would be written. Needs no network.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { stringify } from 'yaml';
import { operationsOf } from './contract-data.mjs';
import { errorsPage } from './contract-errors.mjs';
import { contractJson, contractModule } from './contract-module.mjs';
import { loadContract } from './load-contract.mjs';
import { generatePrismaClient } from './prisma-client.mjs';
import { readmeWithSettings } from './settings-table.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const GENERATED = join(ROOT, 'src', 'generated');

/** Files under version control that are generated: a path and what it must hold. One line each. */
const COMMITTED = [
  { path: 'openapi.yaml', content: bundledYaml },
  { path: 'README.md', content: readmeWithSettings },
  { path: 'docs/ERRORS.md', content: (document) => errorsPage(operationsOf(document), document) },
];

/** Files that every checkout makes for itself. */
const UNCOMMITTED = [
  { path: 'src/generated/api.ts', content: apiTypes },
  { path: 'src/generated/contract.json', content: contractJson },
  { path: 'src/generated/contract.ts', content: contractModule },
];

await main(process.argv.slice(2)).catch((error) => fail(error.message));

async function main(args) {
  const unknown = args.filter((arg) => arg !== '--check');
  if (unknown.length > 0) fail(`unknown argument: ${unknown.join(' ')}`);
  if (args.includes('--check')) return check(await loadContract(ROOT));

  mkdirSync(GENERATED, { recursive: true });
  await Promise.all([generatePrismaClient(ROOT), loadContract(ROOT).then(writeAll)]);
}

async function check(document) {
  const stale = [];
  for (const file of COMMITTED) {
    if (read(file.path) !== (await file.content(document))) stale.push(file.path);
  }
  if (stale.length > 0) fail(`not up to date: ${stale.join(', ')}. Run: node scripts/generate.mjs`);
}

async function writeAll(document) {
  for (const file of [...COMMITTED, ...UNCOMMITTED]) write(file.path, await file.content(document));
}

function bundledYaml(document) {
  const header = '# generated from openapi/ by scripts/generate.mjs, do not edit\n';
  return header + stringify(document, { lineWidth: 110, aliasDuplicateObjects: false });
}

async function apiTypes(document) {
  const nodes = await openapiTS(structuredClone(document), { defaultNonNullable: false });
  return `// generated from openapi/ by scripts/generate.mjs, do not edit\n${astToString(nodes)}`;
}

function read(path) {
  const file = join(ROOT, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Leaves a file alone that is right already, so that its time stays. */
function write(path, content) {
  if (read(path) !== content) writeFileSync(join(ROOT, path), content);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
