import type { EntryDraft } from '../../src/access-log/entry.js';
import type { AccessLog } from '../../src/access-log/writer.js';
import { VaultError } from '../../src/errors.js';
import { NO_METADATA } from '../../src/http/no-metadata.js';
import { type OperationId, contract } from '../../src/generated/contract.js';
import { Access, NOBODY } from '../../src/operations/access.js';
import type { Call, Principal } from '../../src/operations/call.js';
import type { Operation } from '../../src/operations/operation.js';
import { perform } from '../../src/operations/perform.js';
import type { Vault } from '../../src/operations/vault.js';
import { type Capability, capabilityNamed } from '../../src/policy/capabilities.js';

const VAULT = {} as Vault;

/** A log in memory that refuses the appends whose numbers are given. */
class MemoryLog {
  readonly entries: EntryDraft[] = [];
  readonly #refused: readonly number[];
  #appends = 0;

  constructor(refused: readonly number[] = []) {
    this.#refused = refused;
  }

  async append(draft: EntryDraft): Promise<number> {
    if (this.#refused.includes(this.#appends++)) throw new VaultError('PV9017', {}, 'refused by the test');
    return this.entries.push(draft) - 1;
  }
}

const principalWith = (...capabilities: Capability[]): Principal => ({
  user: 'u',
  role: 'r',
  keyId: 'k',
  caller: { kind: 'role', role: 'r' },
  capabilities: new Set(capabilities),
});

function callOf(log: MemoryLog, operation: OperationId, principal: Principal): Call {
  const access = new Access(
    log as unknown as AccessLog,
    { operation, requestId: 'id', callerRequestId: null, remoteAddress: null },
    { principal, iamVersion: 7 },
  );
  return {
    operation,
    principal,
    metadata: NO_METADATA,
    record: (facts) => access.record(facts),
    decided: (decision) => access.decided(decision),
    get recordedAt() {
      return access.recordedAt;
    },
    fail: (error) => access.fail(error),
  } as Call;
}

const id = 'listCollections';
const reader = principalWith('CapCollectionsReader');
const operation = (run: Operation['run']): Operation => ({ id, run });
const recording = operation(async (call) => {
  await call.record({ outcome: 'allowed' });
  return [] as never;
});

const run = async (log: MemoryLog, what: Operation | undefined, principal = reader): Promise<unknown> =>
  perform(what, callOf(log, id, principal), VAULT).catch((error: unknown) => error);

test('what an operation returns after it recorded is the answer', async () => {
  const log = new MemoryLog();
  expect(await run(log, recording)).toEqual([]);
  expect(log.entries).toMatchObject([
    { user: 'u', role: 'r', key_id: 'k', iam_version: 7, outcome: 'allowed' },
  ]);
});

test('an operation that returns without a record is a fault and shows nothing', async () => {
  const log = new MemoryLog();
  expect(
    await run(
      log,
      operation(async () => [] as never),
    ),
  ).toMatchObject({ code: 'PV1000' });
  expect(log.entries).toMatchObject([{ outcome: 'failed', error_code: 'PV1000' }]);
});

test('a missing capability stops the operation before it runs: PV1007 with the user', async () => {
  const log = new MemoryLog();
  const never = operation(() => Promise.reject(new Error('it ran')));
  expect(await run(log, never, principalWith('CapCollectionsWriter'))).toMatchObject({
    code: 'PV1007',
    context: { username: 'u' },
  });
  expect(log.entries).toMatchObject([{ outcome: 'denied', error_code: 'PV1007' }]);
});

test.each([
  ['PV1006', 'denied'],
  ['PV9009', 'denied'],
  ['PV1004', 'failed'],
  ['PV9001', 'failed'],
  ['PV1010', 'failed'],
] as const)('%s before any record leaves one entry: %s', async (code, outcome) => {
  const log = new MemoryLog();
  expect(
    await run(
      log,
      operation(() => Promise.reject(new VaultError(code))),
    ),
  ).toMatchObject({ code });
  expect(log.entries).toHaveLength(1);
  expect(log.entries[0]).toMatchObject({ outcome, error_code: code });
  expect(log.entries[0]!.refers).toBeUndefined();
});

test('an error behind a record leaves a second entry that refers to the first and says failed, a 403 too', async () => {
  for (const code of ['PV9001', 'PV1006'] as const) {
    const log = new MemoryLog();
    const failing = operation(async (call) => {
      await call.record({ outcome: 'masked', collection: 'users' });
      throw new VaultError(code);
    });
    expect(await run(log, failing)).toMatchObject({ code });
    expect(log.entries).toMatchObject([
      { outcome: 'masked', collection: 'users' },
      { outcome: 'failed', error_code: code, refers: 0 },
    ]);
  }
});

test('a refusal that the operation recorded itself is not recorded again', async () => {
  const log = new MemoryLog();
  const refusing = operation(async (call) => {
    await call.record({ outcome: 'denied', rule: 'deny:p' });
    throw new VaultError('PV1006', { username: 'u' });
  });
  expect(await run(log, refusing)).toMatchObject({ code: 'PV1006' });
  expect(log.entries).toMatchObject([{ outcome: 'denied', rule: 'deny:p', error_code: 'PV1006' }]);
});

test('where a refusal cannot be recorded the answer is PV9017, not the refusal', async () => {
  expect(await run(new MemoryLog([0]), undefined)).toMatchObject({ code: 'PV9017' });
  expect(await run(new MemoryLog([0]), recording, principalWith())).toMatchObject({ code: 'PV9017' });
});

test('where the failure behind a record cannot be recorded the answer is PV9017', async () => {
  const failing = operation(async (call) => {
    await call.record({ outcome: 'allowed' });
    throw new VaultError('PV9001');
  });
  expect(await run(new MemoryLog([1]), failing)).toMatchObject({ code: 'PV9017' });
});

test('a 503 stays what it is where it cannot be recorded', async () => {
  expect(
    await run(
      new MemoryLog([0]),
      operation(() => Promise.reject(new VaultError('PV1010'))),
    ),
  ).toMatchObject({
    code: 'PV1010',
  });
});

test('an operation whose record was refused shows nothing', async () => {
  expect(await run(new MemoryLog([0]), recording)).toMatchObject({ code: 'PV9017' });
});

test('an unknown error becomes PV1000 whose detail names errors and places and quotes no message', async () => {
  const cause = new TypeError('secret');
  const error = (await run(
    new MemoryLog(),
    operation(() => Promise.reject(new RangeError('secret', { cause }))),
  )) as VaultError;
  expect(error).toMatchObject({ code: 'PV1000', message: 'Something went wrong.', context: {} });
  expect(error.detail).toMatch(/^RangeError\n\s+at .*perform\.test/);
  expect(error.detail).toContain('caused by TypeError');
  expect(error.detail).not.toContain('secret');
});

test('an operation that is missing is 501, and recorded', async () => {
  const log = new MemoryLog();
  expect(await run(log, undefined)).toMatchObject({ code: 'PV2001', status: 501 });
  expect(log.entries).toMatchObject([{ outcome: 'failed', error_code: 'PV2001' }]);
});

test('nobody leaves no entries, whatever happens', async () => {
  const log = new MemoryLog();
  const health = { id: 'controlHealth', run: async () => ({ status: 'pass' }) } as unknown as Operation;
  await perform(health, callOf(log, 'controlHealth', NOBODY), VAULT);
  await expect(perform(undefined, callOf(log, 'controlHealth', NOBODY), VAULT)).rejects.toMatchObject({
    code: 'PV2001',
  });
  expect(log.entries).toEqual([]);
});

describe('the capability gate of every operation that needs a key', () => {
  const operations = Object.values(contract.operations).filter(({ auth }) => auth === 'required');

  test.each(operations.map((each) => [each.operationId, each] as const))('%s', async (operationId, each) => {
    const named = each.capabilities.map((word) => capabilityNamed(word)!);
    const code = async (principal: Principal): Promise<string> => {
      const call = callOf(new MemoryLog(), operationId, principal);
      return perform(undefined, call, VAULT).catch((error: VaultError) => error.code) as Promise<string>;
    };
    expect(named.length).toBeGreaterThan(0);
    expect(await code(principalWith())).toBe('PV1007');
    expect(await code(NOBODY)).toBe('PV1007');
    expect(await code(principalWith(...named))).toBe('PV2001');
    const all = each.capabilitiesMatch === 'all';
    for (const one of named) {
      const suffices = !all || named.length === 1;
      expect(await code(principalWith(one))).toBe(suffices ? 'PV2001' : 'PV1007');
    }
  });
});
