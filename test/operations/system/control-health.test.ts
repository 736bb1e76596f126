import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test.each([[null], ['pvaultauth'], ['wrong']])(
  '200: exactly {"status":"pass"}, with the key %j',
  async (key) => {
    for (const path of ['/ctl/info/health', '/ctl/info/health/']) {
      const answer = await vault.send('GET', path, { key });
      expect([answer.status, answer.text]).toEqual([200, '{"status":"pass"}']);
    }
  },
);
