import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type ContractOperation, type OperationId, contract } from '../../src/generated/contract.js';
import { OPERATIONS } from '../../src/operations/index.js';

const FILES = readdirSync(path.join(import.meta.dirname, '../operations'), {
  recursive: true,
  encoding: 'utf8',
});
const operations = Object.values(contract.operations);
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
