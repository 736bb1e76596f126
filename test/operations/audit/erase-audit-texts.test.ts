import { verifyLog } from '../../../src/access-log/verify.js';
import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refused, sql } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

const ERASE = '/api/coatcheck/1.0/audit/texts/erase';
interface Entry {
  index: number;
  adhoc_reason?: string;
  custom_audit?: string;
  texts_erased?: string[];
  erased?: number[];
}
let vault: TestVault;
const erase = (json: object, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', ERASE, { json, ...sent });
const entries = async (query: string): Promise<Entry[]> =>
  (await vault.send('GET', `/api/coatcheck/1.0/audit/entries?${query}`)).body.entries as Entry[];

/** An object with an access that has both texts, and the position of that access. */
async function spokenOf(): Promise<{ id: string; index: number }> {
  const id = await addObject(vault, {});
  await vault.send(
    'GET',
    `/data/collections/users/objects/${id}?options=unsafe&reason=Other&adhoc_reason=Ana+called&custom_audit=Ana%27s+file`,
  );
  return { id, index: (await entries(`object_id=${id}&operation=getObjectById`))[0]!.index };
}

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('by position: the texts are gone, the entry says so, and the log still proves itself', async () => {
    const { id, index } = await spokenOf();
    const kept = await spokenOf();
    expect((await erase({ indexes: [index, 0, 9_999_999] })).body).toEqual({
      erased: [index],
      complete: true,
    });

    const [entry] = await entries(`object_id=${id}&operation=getObjectById`);
    expect(entry!.texts_erased).toEqual(['adhoc_reason', 'custom_audit']);
    expect([entry!.adhoc_reason, entry!.custom_audit]).toEqual([undefined, undefined]);
    expect((await entries(`text=Ana&limit=1000`)).map((each) => each.index)).toEqual([kept.index]);
    expect(await sql(vault, 'select from access_log_text where index = $1', [index])).toEqual([]);
    expect((await entries('operation=eraseAuditTexts&limit=1'))[0]).toMatchObject({
      erased: [index],
      outcome: 'allowed',
    });
    expect(await verifyLog(vault.app.vault.database)).toEqual(expect.objectContaining({ ok: true }));
  });

  test('only what was named: another text that goes missing is tampering', async () => {
    const { index } = await spokenOf();
    const other = await spokenOf();
    await erase({ indexes: [index] });
    await sql(vault, 'create table kept as select * from access_log_text where index = $1', [other.index]);
    await sql(vault, 'delete from access_log_text where index = $1', [other.index]);
    expect(await verifyLog(vault.app.vault.database)).toMatchObject({ ok: false, index: other.index });
    await sql(vault, 'insert into access_log_text table kept');
    expect(await verifyLog(vault.app.vault.database)).toEqual(expect.objectContaining({ ok: true }));
  });

  test('by object: all that was said about it', async () => {
    const { id, index } = await spokenOf();
    const kept = await spokenOf();
    await vault.send('GET', `/data/collections/users/objects/${id}?options=unsafe&custom_audit=again`);
    const { body } = await erase({ object_id: id.toUpperCase() });
    expect(body).toEqual({ erased: [index, expect.any(Number)], complete: true });
    expect(
      (await entries(`object_id=${id}&limit=1000`)).filter((each) => each.adhoc_reason ?? each.custom_audit),
    ).toEqual([]);
    expect((await entries(`object_id=${kept.id}&operation=getObjectById`))[0]!.adhoc_reason).toBe(
      'Ana called',
    );
    expect((await erase({ object_id: id })).body).toEqual({ erased: [], complete: true });
    expect(await verifyLog(vault.app.vault.database)).toEqual(expect.objectContaining({ ok: true }));
  });

  test('a thousand at a time', async () => {
    const id = await addObject(vault, {});
    const read = `/data/collections/users/objects/${id}?options=unsafe&custom_audit=x`;
    for (let i = 0; i < 1_001; i += 91) {
      await Promise.all(Array.from({ length: 91 }, () => vault.send('GET', read)));
    }
    const first = (await erase({ object_id: id })).body as { erased: number[]; complete: boolean };
    expect([first.erased.length, first.complete]).toEqual([1_000, false]);
    const second = (await erase({ object_id: id })).body as typeof first;
    expect([second.erased.length, second.complete]).toEqual([1, true]);
    expect(await verifyLog(vault.app.vault.database)).toEqual(expect.objectContaining({ ok: true }));
  });
});

test.each([
  [{ indexes: [] }],
  [{ indexes: [-1] }],
  [{ indexes: ['1'] }],
  [{ object_id: 'x' }],
  [{ all: true }],
])('400: %j is PV1012', async (json) => expect(refused(await erase(json))).toBe('400 PV1012'));

test('400: neither or both of indexes and object_id is PV9006', async () => {
  expect(refused(await erase({}))).toBe('400 PV9006');
  const object_id = '00000000-0000-4000-8000-000000000000';
  expect(refused(await erase({ indexes: [1], object_id }))).toBe('400 PV9006');
});

test('401 and 403: an auditor may not erase, and a refusal erases nothing', async () => {
  const { index } = await spokenOf();
  const { star, auditor, eraser } = await setClients(vault, [
    { name: 'star', capabilities: ['*'] },
    { name: 'auditor', capabilities: ['CapAuditReader'] },
    { name: 'eraser', capabilities: ['CapAuditEraser'] },
  ]);
  expect(refused(await erase({ indexes: [index] }, { key: null }))).toBe('401 PV1005');
  expect(refused(await erase({ indexes: [index] }, { key: star! }))).toBe('403 PV1007');
  expect(refused(await erase({ indexes: [index] }, { key: auditor! }))).toBe('403 PV1007');
  expect(await sql(vault, 'select from access_log_text where index = $1', [index])).toHaveLength(2);
  expect((await erase({ indexes: [index] }, { key: eraser! })).status).toBe(200);
  expect(refused(await vault.send('GET', '/api/coatcheck/1.0/audit/entries', { key: eraser! }))).toBe(
    '403 PV1007',
  );
});

test('403: who may write IAM cannot appoint itself eraser', async () => {
  const iam = (capabilities: string): string => `
    [users.boss]\nrole = "boss"\n[roles.boss]\ncapabilities = ${capabilities}\n[policies]`;
  const { boss } = await setClients(vault, [{ name: 'boss', capabilities: ['CapIAMWriter'] }]);
  for (const capability of ['CapAuditEraser', 'CapSubjectReader', 'CapAuditReader']) {
    const raw = iam(`["CapIAMWriter", "${capability}"]`);
    expect(
      refused(await vault.send('POST', '/ctl/iam/conf', { raw, type: 'application/toml', key: boss! })),
    ).toBe('403 PV1007');
  }
});
