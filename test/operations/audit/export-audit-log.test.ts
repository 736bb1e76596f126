import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { parseVerifierKey } from '../../../src/access-log/note.js';
import { readTrusted } from '../../../src/access-log/offline/trusted-checkpoint.js';
import { verifyExport } from '../../../src/access-log/offline/verify-export.js';
import { draft } from '../../access-log/support.js';
import { refusal } from '../../support/steps.js';
import { openSuperuser } from '../../support/superuser.js';
import { until } from '../../support/until.js';
import { ADMIN_KEY, type TestVault, startVault } from '../../support/vault.js';
import { ask, auditorAndOther, newest, outsiders } from './support.js';

let vault: TestVault;
let keys: { auditor: string; other: string };
let directory: string;
beforeAll(async () => {
  vault = await startVault();
  keys = await auditorAndOther(vault);
  directory = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-http-export-'));
});
afterAll(async () => {
  await vault.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Line {
  index: number;
  texts?: { custom_audit?: { text: string } };
  entry: { operation: string; range?: [number, number]; request_id: string };
}
const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

/** Entries as requests leave them, without the requests. */
async function fill(own: TestVault, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => own.app.vault.log.append(draft(n))));
}

/** An export over a connection of its own, its body not yet read. */
function begin(own: TestVault, query: string): Promise<http.IncomingMessage> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  return new Promise((resolve, reject) => {
    const target = `${own.url}/api/coatcheck/1.0/audit/export?${query}`;
    http.get(target, { headers, agent: false }, resolve).on('error', reject);
  });
}

describe('200', () => {
  test('the checkpoint first, then the export: together they verify without the vault', async () => {
    await vault.send('GET', '/ctl/collections?custom_audit=a%0Ab');
    await vault.app.vault.checkpoints.sign();
    const { text: note } = await ask(vault, 'checkpoint', { key: keys.auditor });
    const { text, headers } = await ask(vault, 'export', { key: keys.auditor });
    expect(headers.get('content-type')).toBe('application/x-ndjson');
    expect(linesOf(text).some(({ texts }) => texts?.custom_audit?.text === 'a\nb')).toBe(true);

    const [listed] = (await ask(vault, 'keys')).body.keys as { key: string }[];
    const checkpoint = readTrusted(note, { keys: [parseVerifierKey(listed!.key)], witnesses: [] });
    const file = path.join(directory, 'export.jsonl');
    writeFileSync(file, text);
    const found = await verifyExport(createReadStream(file), { checkpoint, earlier: [], unsignedTail: true });
    expect(found).toMatchObject({ ok: true, from: 0, size: checkpoint.size });
  });

  test('page by page it is the same, what begins in the middle says what came before', async () => {
    const { text: first } = await ask(vault, 'export?limit=2');
    const { text: second } = await ask(vault, 'export?from=2&limit=3');
    expect(linesOf(first).map(({ index }) => index)).toEqual([0, 1]);
    const [frontier, ...lines] = linesOf(second);
    expect(frontier).toMatchObject({ frontier: { size: 2 } });
    expect(lines.map(({ index }) => index)).toEqual([2, 3, 4]);
    const { text } = await ask(vault, 'export?limit=5');
    expect(first + second.slice(second.indexOf('\n') + 1)).toBe(text);
  });

  test.each(['ocsf', 'ecs', 'cef'])('%s has as many lines as asked for', async (format) => {
    const { text, headers } = await ask(vault, `export?format=${format}&from=1&limit=4`);
    expect(text.split('\n')).toHaveLength(5);
    expect(headers.get('content-type')).toBe(
      format === 'cef' ? 'text/plain; charset=utf-8' : 'application/x-ndjson',
    );
  });

  test('the export is recorded with its range, and is not in itself', async () => {
    const { text, headers } = await ask(vault, 'export?from=1&limit=2');
    const index = await newest(vault, 'exportAuditLog');
    const { text: entry } = await ask(vault, `export?from=${index}&limit=1`);
    expect(linesOf(entry)[1]!.entry).toMatchObject({
      range: [1, 3],
      request_id: headers.get('x-request-id'),
    });
    expect(linesOf(text).some((line) => line.index === index)).toBe(false);
  });

  test('more entries than a page holds', async () => {
    const own = await startVault();
    try {
      await fill(own, 2_300);
      const found = linesOf((await ask(own, 'export')).text).map(({ index }) => index);
      expect(found).toHaveLength(2_300);
      expect(found).toEqual(found.map((_, i) => i));
    } finally {
      await own.close();
    }
  });

  test('at the end of the log there is nothing', async () => {
    const { body } = await ask(vault, 'status');
    const { status, text } = await ask(vault, `export?format=cef&from=${(body as { size: number }).size}`);
    expect([status, text]).toEqual([200, expect.stringMatching(/^(CEF:0.*\n)?$/)]);
  });
});

test('400 for what is no format or no position', async () => {
  for (const query of ['format=xml', 'from=-1', 'from=x', 'limit=0']) {
    expect(refusal(await ask(vault, `export?${query}`))).toMatchObject([
      400,
      'PV1012',
      { field: query.split('=')[0] },
    ]);
  }
});

test('403 without the capability, 401 without a key', async () => {
  expect(await outsiders(vault, keys.other, 'export')).toEqual(['403 PV1007', '401 PV1005']);
});

test('404 for a position that the log has not reached', async () => {
  expect(refusal(await ask(vault, 'export?from=99999'))).toEqual([404, 'PV9080', { field: 'from' }]);
});

describe('a damaged log', () => {
  test('410 where nothing was sent yet, a broken connection and a record where something was', async () => {
    const own = await startVault();
    const sql = await openSuperuser(own.database.url);
    try {
      await fill(own, 1_200);
      await sql.query('delete from access_log where index = 1100');
      expect(refusal(await ask(own, 'export?from=1050'))).toEqual([410, 'PV9010', {}]);

      const answer = await begin(own, 'format=ecs');
      const text: Buffer[] = [];
      answer.on('data', (piece: Buffer) => text.push(piece)).on('error', () => undefined);
      await new Promise<void>((resolve) => answer.once('close', () => resolve()));
      expect([answer.statusCode, answer.complete]).toEqual([200, false]);
      // What came are whole lines: there is nothing that could be taken for the end.
      expect(linesOf(Buffer.concat(text).toString())).toHaveLength(1_000);
      const failed = `select from access_log where convert_from(bytes, 'UTF8') like '%"exportAuditLog"%"failed"%'`;
      await until('it is recorded', async () => (await sql.query(failed)).length === 2);
    } finally {
      await sql.close();
      await own.close();
    }
  });
});

test('a caller that goes away in the middle is no fault and leaves the vault well', async () => {
  const own = await startVault();
  try {
    await fill(own, 3_000);
    const answer = await begin(own, '');
    await new Promise<void>((resolve) => answer.once('data', () => resolve()));
    answer.destroy();
    await until('it is over', () => own.logged().includes('exportAuditLog'));
    expect(own.logged()).not.toContain('PV1000');
    const { body } = await ask(own, 'entries?operation=exportAuditLog');
    expect((body as { entries: { outcome: string }[] }).entries.map(({ outcome }) => outcome)).toEqual([
      'allowed',
    ]);
  } finally {
    await own.close();
  }
});
