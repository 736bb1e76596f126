import { VaultClient } from '@piiano/vault-client';
import { contract, type OperationId } from '../../src/generated/contract.js';

/** What a method of the published client would send. */
interface Sent {
  method: string;
  url: string;
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  headers: Record<string, unknown>;
}

const RESOURCES = [
  'actions',
  'bundles',
  'collectionProperties',
  'collections',
  'configVars',
  'crypto',
  'customDataTypes',
  'iam',
  'objects',
  'system',
  'tokens',
] as const;

/** Parameters the contract has beyond the client's: ours, and one that a sample of the vendor's relies on. */
const OURS = ['idempotency-key', 'x-pvault-request-id'];
const ADDED: Partial<Record<OperationId, string[]>> = {
  decrypt: ['x-trans-param'],
  exportTokens: ['export'],
};

/** Calls every method with a value for every argument, and records instead of sending. */
function everythingTheClientSends(): Record<string, Sent> {
  const client = new VaultClient();
  const sent: Record<string, Sent> = {};
  const anyArguments = new Proxy({}, { get: (_, name) => (name === 'additionalHeaders' ? {} : 'x') });
  for (const resource of RESOURCES) {
    const service = client[resource] as unknown as Record<string, (args: object) => void>;
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(service)).filter(
      (m) => m !== 'constructor',
    );
    for (const name of methods) {
      service.httpRequest = { request: (options: Sent) => (sent[name] = options) } as never;
      service[name]?.(anyArguments);
    }
  }
  return sent;
}

const sent = everythingTheClientSends();

test('the client and the drop-in API have the same operations', () => {
  const dropIn = Object.values(contract.operations).filter(({ path }) => path.startsWith('/api/pvlt/'));
  expect(dropIn.map(({ operationId }) => operationId as string).sort()).toEqual(Object.keys(sent).sort());
});

describe('the client sends what the contract declares', () => {
  test.each(Object.keys(sent) as OperationId[])('%s', (id) => {
    const { method, path, parameters } = contract.operations[id];
    const request = sent[id] as Sent;
    const isTheirs = (name: string): boolean => !OURS.includes(name) && !ADDED[id]?.includes(name);
    const headers = Object.keys(parameters.header.properties).filter(isTheirs);
    const query = Object.keys(parameters.query.properties).filter(isTheirs);
    expect({ method, path }).toEqual({ method: request.method, path: request.url });
    expect(Object.keys(parameters.path.properties).sort()).toEqual(Object.keys(request.path ?? {}).sort());
    expect(query.sort()).toEqual(Object.keys(request.query ?? {}).sort());
    expect(headers.sort()).toEqual(
      Object.keys(request.headers)
        .map((name) => name.toLowerCase())
        .sort(),
    );
  });
});
