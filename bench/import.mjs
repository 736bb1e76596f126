/**
 * How fast the users of an export come into the vault: `node bench/import.mjs [--users 100000] [--json]`, after `npm run build`; about two minutes. The command that operators
 * run, as a process of its own, against a vault as in production; beside it the same number of objects by plain bulk adds. README.md says how to read what it prints.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { DIST, ISSUER, startIdpVault } from './idp-vault.mjs';
import { machine } from './machine.mjs';
import { person } from './people.mjs';
import { query, startPostgres } from './postgres.mjs';
import { onEnd, residentMegabytes, startNode } from './processes.mjs';
import { runBench } from './run-bench.mjs';
import { ratio } from './statistics.mjs';
import { DATA, REASON, client, verifiedEntries } from './vault-client.mjs';

const TARGET = 2_000;
const IN_ONE_ADD = 1_000;
const LOOK_EVERY_MS = 500;

const { values } = parseArgs({
  options: { users: { type: 'string', default: '100000' }, json: { type: 'boolean', default: false } },
});
const count = Number(values.users);

await runBench(run, values.json);

async function run() {
  const postgres = await startPostgres();
  const vault = await startIdpVault(postgres, { importer: 'CapIdpImport', adder: 'CapDataWriter' });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'coatcheck-bench-import-'));
  onEnd(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'users.json');
  await pipeline(Readable.from(exported(count)), createWriteStream(file));

  const first = await imported(vault, file, path.join(folder, 'first.journal'));
  // The vault's own count ends at ten thousand.
  const objects = async () =>
    Number((await query(vault.databaseUrl, 'select count(*) as count from object'))[0].count);
  if ((await objects()) !== count) throw new Error(`of ${count} users ${await objects()} are in the vault`);
  // Whoever is in the vault already is looked at and left as they are.
  const again = await imported(vault, file, path.join(folder, 'second.journal'));
  if ((await objects()) !== count) throw new Error('the second run made other objects');
  const added = await addInBulk(client(vault.url, vault.keys.adder), Math.min(count, 20 * IN_ONE_ADD));
  const entries = await verifiedEntries(DIST, vault.databaseUrl);
  return {
    users: count,
    results: {
      import: row(first, added.perSecond, TARGET),
      import_again: row(again, added.perSecond),
      bulk_add: { users_per_second: Math.round(added.perSecond) },
    },
    log: { entries },
    machine: machine(postgres),
  };
}

/**
 * @param {Awaited<ReturnType<typeof imported>>} found
 * @param {number} base
 * @param {number} [target]
 */
function row({ perSecond, memory }, base, target) {
  const at = (/** @type {number} */ part) => memory[Math.floor((memory.length - 1) * part)] ?? null;
  return {
    users_per_second: Math.round(perSecond),
    of_bulk_add: ratio(perSecond, base),
    command_mb_quarter: at(0.25)?.command,
    command_mb_end: at(1)?.command,
    vault_mb_quarter: at(0.25)?.vault,
    vault_mb_end: at(1)?.vault,
    target: target ?? null,
  };
}

/**
 * Runs the command to its end.
 * @param {Awaited<ReturnType<typeof startIdpVault>>} vault
 * @param {string} file
 * @param {string} journal
 */
async function imported(vault, file, journal) {
  const args = ['--from', 'auth0', '--issuer', ISSUER, '--in', file, '--journal', journal, '--json'];
  const began = performance.now();
  const command = startNode([path.join(DIST, 'main.js'), 'idp', 'migrate', ...args], {
    COATCHECK_URL: vault.url,
    COATCHECK_API_KEY: vault.keys.importer,
  });
  /** @type {{ command: number | null, vault: number | null }[]} */
  const memory = [];
  let looking = true;
  const look = (async () => {
    while (looking) {
      const now = {
        command: await residentMegabytes(command.pid),
        vault: await residentMegabytes(vault.pid),
      };
      if (now.command !== null) memory.push(now);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  })();
  const end = await command.ended;
  const seconds = (performance.now() - began) / 1000;
  looking = false;
  await look;
  if (end !== 'ended with 0') throw new Error(`the import ${end}`);
  return { perSecond: count / seconds, memory };
}

/**
 * As many objects by the drop-in API, a thousand at a time, one caller.
 * @param {ReturnType<typeof client>} app
 * @param {number} objects
 */
async function addInBulk(app, objects) {
  const began = performance.now();
  for (let made = 0; made < objects; made += IN_ONE_ADD) {
    const some = Array.from({ length: IN_ONE_ADD }, person);
    await app('POST', `${DATA}/bulk/objects?${REASON}`, JSON.stringify(some));
  }
  return { perSecond: objects / ((performance.now() - began) / 1000) };
}

/** Lines of Auth0's export, as its job writes them. @param {number} users */
function* exported(users) {
  for (let i = 0; i < users; i++) {
    const { email, ...app_metadata } = person();
    yield `${JSON.stringify({ user_id: `auth0|${randomUUID()}`, email, email_verified: true, app_metadata })}\n`;
  }
}
