import { setClients } from '../support/iam.js';
import { type TestVault, startVault } from '../support/vault.js';
let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());
test('story', async () => {
  expect(
    (
      await vault.send('POST', '/ctl/collections', {
        raw: 'users PERSONS ( user_id STRING, ssn SSN )',
        type: 'application/pvschema',
      })
    ).status,
  ).toBe(200);
  const add = await vault.send('POST', '/data/collections/users/objects', {
    json: { user_id: '1', ssn: '123-12-1234' },
  });
  expect(add.status).toBe(200);
  const keys = await setClients(vault, [
    {
      name: 'support',
      capabilities: ['CapTokensDetokenizer'],
      allow: [{ operations: ['detokenize', 'read'], resources: ['users/properties/ssn.mask'] }],
      masks: { 'users/ssn': 'mask' },
    },
  ]);
  const tok = await vault.send('POST', '/data/collections/users/tokens', {
    json: [{ type: 'randomized', object: { id: add.body.id }, props: ['ssn'] }],
  });
  const det = await vault.send('GET', `/data/collections/users/tokens?token_ids=${tok.body[0].token_id}`, {
    key: keys.support!,
  });
  expect(det.body).toEqual([{ token_id: tok.body[0].token_id, fields: { ssn: '***-**-1234' } }]);
});
