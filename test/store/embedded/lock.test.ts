import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '../../../src/store/embedded/index.js';
import { EmbeddedPostgresError } from '../../../src/store/embedded/errors.js';
import {
  cleanUp,
  closedDirectory,
  install,
  newDataDir,
  openDirectory,
  VaultProcess,
} from './vault-process.js';

let installation: string;

beforeAll(() => {
  installation = install(openDirectory());
});
afterAll(cleanUp);

test('a second start on the same data directory fails and names the directory and the process that has it', async () => {
  const dataDir = newDataDir();
  const vault = new VaultProcess(installation, dataDir);
  const { url } = await vault.up();
  const second = startEmbeddedPostgres({ dataDir });
  await expect(second).rejects.toThrow(EmbeddedPostgresError);
  await expect(second).rejects.toThrow(
    `${dataDir} is in use by another running vault (pid ${vault.child.pid})`,
  );
  // The loser has not touched the winner's server.
  expect(await findEmbeddedPostgres(dataDir)).toEqual({ url });
  await vault.stop();
});

test('another path to the same directory is the same directory', async () => {
  const dataDir = newDataDir();
  const postgres = await startEmbeddedPostgres({ dataDir });
  const alias = path.join(closedDirectory(), 'alias');
  symlinkSync(dataDir, alias);
  await expect(startEmbeddedPostgres({ dataDir: alias })).rejects.toThrow(
    `in use by another running vault (pid ${process.pid})`,
  );
  await postgres.stop();
  await (await startEmbeddedPostgres({ dataDir: alias })).stop();
});

test.each(['fresh', 'left by a killed vault'])(
  'of four starts at the same moment one wins: %s',
  async (state) => {
    const dataDir = newDataDir();
    if (state !== 'fresh') {
      const former = new VaultProcess(installation, dataDir);
      await former.up();
      await former.kill();
    }
    const vaults = [1, 2, 3, 4].map(() => new VaultProcess(installation, dataDir));
    const results = await Promise.allSettled(vaults.map((vault) => vault.up()));
    expect(results.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ]);
    const winner = vaults[results.findIndex(({ status }) => status === 'fulfilled')]!;
    for (const result of results) {
      if (result.status === 'rejected') expect(String(result.reason)).toContain(`(pid ${winner.child.pid})`);
    }
    await Promise.all(vaults.map((vault) => vault.stop()));
  },
);

test('a start that failed gives the directory free again', async () => {
  const dataDir = newDataDir();
  mkdirSync(path.join(dataDir, 'postgres'), { recursive: true });
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(EmbeddedPostgresError);
  await expect(startEmbeddedPostgres({ dataDir })).rejects.not.toThrow(/in use/);
  expect(readdirSync(dataDir)).toEqual(['postgres']);
});

test('Ctrl-C in the terminal reaches the vault and not PostgreSQL', async () => {
  const dataDir = newDataDir();
  const vault = new VaultProcess(installation, dataDir);
  const { url } = await vault.up();
  process.kill(-vault.child.pid!, 'SIGINT');
  await vault.heard((said) => said.interrupted === true);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await findEmbeddedPostgres(dataDir)).toEqual({ url });
  await vault.stop();
  expect(await findEmbeddedPostgres(dataDir)).toBeNull();
});
