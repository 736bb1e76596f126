import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type ContractOperation, type OperationId, contract } from '../../src/generated/contract.js';
import { OPERATIONS } from '../../src/operations/index.js';
import { setClients } from '../support/iam.js';
import { refused } from '../support/steps.js';
import { type Answer, type TestVault, startVault } from '../support/vault.js';
import { sampleRequest } from './sample-request.js';

const FILES = readdirSync(path.join(import.meta.dirname, '../operations'), {
  recursive: true,
  encoding: 'utf8',
});
const operations = Object.values(contract.operations);
const planned = operations.filter((operation) => operation.planned);
const built = operations.filter((operation) => !operation.planned);
const idsOf = (list: readonly ContractOperation[]): OperationId[] =>
  list.map(({ operationId }) => operationId);

describe('every operation that is built', () => {
  test('is registered under its own id, and nothing else is', () => {
    expect(Object.keys(OPERATIONS).sort()).toEqual(idsOf(built).sort());
    for (const [id, operation] of Object.entries(OPERATIONS)) expect(operation.id).toBe(id);
  });

  test.each(idsOf(built))('%s has a test file', (id) => {
    const name = id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(FILES.filter((file) => path.basename(file) === `${name}.test.ts`)).toHaveLength(1);
  });
});

describe('every operation that is planned', () => {
  let vault: TestVault;
  let keys: Record<string, string>;
  beforeAll(async () => {
    vault = await startVault();
    keys = await setClients(vault, [{ name: 'nobody', capabilities: [] }]);
  });
  afterAll(() => vault.close());

  const ask = (operation: ContractOperation, key?: string | null): Promise<Answer> => {
    const { target, sent } = sampleRequest(operation);
    return vault.send(operation.method, target, { ...sent, ...(key !== undefined && { key }) });
  };

  test.each(idsOf(planned))(
    '%s says so: 501 PV2001, and to nobody without a key or the capability',
    async (id) => {
      const operation = contract.operations[id];
      expect(refused(await ask(operation))).toBe('501 PV2001');
      expect(refused(await ask(operation, null))).toBe('401 PV1005');
      expect(refused(await ask(operation, keys.nobody))).toBe('403 PV1007');
    },
  );
});
