import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { connected } from '../postgres.mjs';
import { onEnd } from '../processes.mjs';

const run = promisify(execFile);
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** The embedded PostgreSQL gives up on a server that dies more often. */
const BETWEEN_CRASHES_MS = 25_000;

/**
 * What can be broken.
 * @typedef {object} Target
 * @property {string} superuserUrl
 * @property {import('../postgres.mjs').Postgres} postgres
 * @property {() => Promise<void>} restart kills a vault and starts it again
 */

/**
 * Breaks one thing after the other until it is stopped: the log locked, the right to write it taken away, connections cut between a lookup and its
 * record, the disk full (as root), a vault killed (`kills` times), PostgreSQL killed. Each is put right before the next.
 * @param {Target} target
 * @param {number} kills
 * @returns {Promise<() => Promise<Record<string, number>>>} stops it; how often what was done
 */
export async function startFaults(target, kills) {
  const { superuserUrl } = target;
  const disk = await smallDisk(target);
  const counts = {
    locked: 0,
    revoked: 0,
    connections_cut: 0,
    disk_full: 0,
    vault_killed: 0,
    postgresql_killed: 0,
  };
  let stopping = false;
  let crashedAt = performance.now();

  const faults = [
    async () => {
      await connected(superuserUrl, async (client) => {
        await client.query('begin');
        await client.query('lock table access_log in access exclusive mode');
        await sleep(400);
        await client.query('rollback');
      });
      counts.locked++;
    },
    async () => {
      await connected(superuserUrl, async (client) => {
        await client.query('revoke insert on access_log from keeper');
        await sleep(300);
        await client.query('grant insert on access_log to keeper');
      });
      counts.revoked++;
    },
    async () => {
      await connected(superuserUrl, async (client) => {
        for (let i = 0; i < 10; i++) {
          await client.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'keeper' and random() < 0.3`,
          );
          await sleep(30);
        }
      });
      counts.connections_cut++;
    },
    async () => {
      if (!disk) return;
      await disk.fill();
      await sleep(400);
      await disk.empty();
      counts.disk_full++;
    },
    async () => {
      if (performance.now() - crashedAt < BETWEEN_CRASHES_MS) return;
      crashedAt = performance.now();
      process.kill(target.postgres.currentPid(), 'SIGKILL');
      counts.postgresql_killed++;
      await sleep(2_000);
    },
  ];

  const breaking = (async () => {
    for (let at = 0; !stopping; at++) {
      // PostgreSQL may be coming up again: then it is this one's turn later.
      await faults[at % faults.length]().catch(() => sleep(200));
      await sleep(500);
    }
  })();
  const killing = (async () => {
    while (!stopping && counts.vault_killed < kills) {
      await target.restart();
      counts.vault_killed++;
      await sleep(700);
    }
  })();
  return async () => {
    stopping = true;
    await Promise.all([breaking, killing]);
    return counts;
  };
}

/** Moves the log to a disk of its own that can be filled up; null where this user may not mount one. @param {Target} target */
async function smallDisk({ superuserUrl, postgres }) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'coatcheck-faults-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=600m,mode=0777', 'tmpfs', folder]);
  } catch {
    await rm(folder, { recursive: true });
    return null;
  }
  onEnd(async () => {
    await run('umount', ['-l', folder]);
    await rm(folder, { recursive: true });
  });
  const place = path.join(folder, 'log');
  await run('install', ['-d', '-m', '0700', '-o', await owner(postgres), place]);
  await connected(superuserUrl, async (client) => {
    await client.query(`create tablespace small location '${place}'`);
    await client.query('alter table access_log set tablespace small');
  });
  const ballast = path.join(folder, 'ballast');
  return {
    async fill() {
      const { bavail, bsize } = await statfs(folder);
      await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch(() => undefined);
    },
    empty: () => truncate(ballast, 0),
  };
}

/** The user that PostgreSQL runs as. @param {import('../postgres.mjs').Postgres} postgres */
async function owner(postgres) {
  const { stdout } = await run('ps', ['-o', 'uid=', '-p', String(postgres.currentPid())]);
  return stdout.trim();
}
