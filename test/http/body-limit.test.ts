import request from 'supertest';
import { ADMIN_KEY, type TestVault, startVault } from '../support/vault.js';

const KIB = 1024;
let vault: TestVault;

beforeAll(async () => {
  vault = await startVault();
  const schema = (text: string) =>
    vault.send('POST', '/ctl/collections', { raw: text, type: 'application/pvschema' });
  await schema('plain PERSONS ( name NAME NULL )');
  await schema('files DATA ( content BLOB NULL )');
});
afterAll(() => vault.close());

test('a body over 256 KiB is 413 in a collection of small values', async () => {
  const answer = await request(vault.url)
    .post('/api/pvlt/1.0/data/collections/plain/objects')
    .set('authorization', `Bearer ${ADMIN_KEY}`)
    .send({ name: 'x'.repeat(1024 * KIB) });
  expect([answer.status, answer.body.error_code]).toEqual([413, 'PV9014']);
});

test('a BLOB of the largest size is taken by a collection that has a BLOB property, and comes back', async () => {
  const content = Buffer.alloc(5_242_880, 7).toString('base64');
  const added = await vault.send('POST', '/data/collections/files/objects', { json: { content } });
  expect(added.status).toBe(200);
  const read = await vault.send('GET', `/data/collections/files/objects/${added.body.id}?props=content`);
  expect(read.body.content === content).toBe(true);
});

test('a body over the large limit is 413 there too', async () => {
  const answer = await vault.send('POST', '/data/collections/files/objects', {
    json: { content: 'A'.repeat(9 * KIB * KIB) },
  });
  expect([answer.status, answer.body.error_code]).toEqual([413, 'PV9014']);
});
