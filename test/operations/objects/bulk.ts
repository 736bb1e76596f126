import type { Answer, Sent, TestVault } from '../../support/vault.js';

/** One result of a bulk answer as a word: the id where it was done, else the error's code. */
export function outcomes({ status, body }: Answer): string[] {
  if (status !== 200) throw new Error(`expected 200, got ${status}`);
  const { ok, results } = body as {
    ok: boolean;
    results: { id?: string; ok: boolean; error?: { error_code: string } }[];
  };
  for (const result of results) {
    if (result.ok !== ok) throw new Error('an item differs from the whole');
    if (ok === (result.error !== undefined)) throw new Error('an error stands exactly where ok is false');
  }
  return results.map(({ id, error }) => error?.error_code ?? id!);
}

/** The bulk operations of a collection. */
export function bulkOf(vault: () => TestVault, collection = 'users') {
  const path = `/data/collections/${collection}/bulk/objects`;
  return (method: string, json: unknown, query = '', sent: Sent = {}): Promise<Answer> =>
    vault().send(method, path + query, { json, ...sent });
}

interface Entry {
  outcome: string;
  [member: string]: unknown;
}

/** The entries of an operation in the access log, oldest first. */
export async function entriesOf(vault: TestVault, operation: string): Promise<Entry[]> {
  const { body } = await vault.send(
    'GET',
    `/api/coatcheck/1.0/audit/entries?operation=${operation}&limit=1000`,
  );
  return (body as { entries: Entry[] }).entries.reverse();
}
