import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { Adapter, AdapterEvent } from '../../idp/adapter.js';
import type { LoginEvent } from '../../idp/event.js';
import type { LoginRules } from '../../idp/login.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { Call } from '../call.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { refuseHopeless } from '../permit.js';
import { presentError } from '../present-error.js';
import type { Vault } from '../vault.js';
import { adapterEvent, hookOf, ofIssuer } from './hook-of.js';
import { importUser } from './import-user.js';
import { loginRules } from './login-rules.js';
import { effectsTogether } from './shared-effects.js';

type ImportCall = Call<'importIdpUsers'>;
type Result = components['schemas']['IdpImportResult'];

/** Users whose values are sealed in one go: more would keep others waiting. */
const USERS_A_TURN = 100;
/** What is wrong with one user and does not concern the others. */
const OF_ONE_USER: ReadonlySet<string> = new Set(['PV9087', 'PV9088', 'PV9009', 'PV9010', 'PV3218']);

export const importIdpUsers: Operation<'importIdpUsers'> = {
  id: 'importIdpUsers',

  async run(call, vault) {
    if (call.body.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'body' });
    const { adapter, event: kind } = adapterEvent(call);
    // Deletions are reported one by one: their number is limited for a reason.
    if (kind.capability !== 'CapIdpHook') throw new VaultError('PV9086');

    const events = call.body.map((event) => readUser(kind, event));
    const readable = events.filter((event): event is LoginEvent => !(event instanceof VaultError));
    const page =
      readable[0] && (await pageOf(call, vault, adapter, hookOf(call, ofIssuer(readable[0].issuer))));
    if (page && call.query.write_back && !(page.hook.writeBack && adapter.writeBack))
      throw new VaultError('PV9111');
    const results: Result[] = page ? [] : events.map((event) => failed(event as VaultError));
    for (let from = 0; page && from < events.length; from += USERS_A_TURN)
      results.push(...(await importTurn(page, events.slice(from, from + USERS_A_TURN))));

    if (results.some(({ queued }) => queued)) vault.writeBack.onAdded();
    await recordFaults(call, results);
    if (call.recordedAt === null) await call.record({ outcome: 'allowed', rule: 'nothing-stored' });
    return { results };
  },
};

/** One request: what is the same for each of its users. */
interface Page {
  readonly call: ImportCall;
  readonly vault: Vault;
  readonly collection: KnownCollection;
  readonly hook: IdpHook;
  readonly rules: LoginRules;
}

async function pageOf(call: ImportCall, vault: Vault, adapter: Adapter, hook: IdpHook): Promise<Page> {
  const collection = collectionNamed(call.metadata, hook.collection);
  await refuseHopeless(call, collection, 'write');
  return {
    ...{ call, vault, collection, hook },
    rules: loginRules(adapter, hook),
  };
}

/** Users who go on side by side. What concerns more than one of them is thrown when all have come to their end. */
async function importTurn(page: Page, events: readonly (LoginEvent | VaultError)[]): Promise<Result[]> {
  const effects = effectsTogether(page.call, page.vault, page.collection, USERS_A_TURN);
  const settled = await Promise.allSettled(
    events.map(async (event) => {
      try {
        if (event instanceof VaultError) throw event;
        if (!ofIssuer(event.issuer)(page.hook)) throw new VaultError('PV9088');
        return await importUser({ ...page, event, effects });
      } catch (error) {
        if (error instanceof VaultError && OF_ONE_USER.has(error.code)) return failed(error);
        throw error;
      }
    }),
  );
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}

/** Nobody gets a token at an import, and a repetition is known by what the vault holds. */
function readUser(kind: AdapterEvent, event: Readonly<Record<string, unknown>>): LoginEvent | VaultError {
  try {
    const read = kind.read(event);
    if (read.kind !== 'login') return new VaultError('PV9087', { field: 'event', reason: 'It is no login.' });
    return { ...read, clientId: undefined, transaction: undefined };
  } catch (error) {
    if (error instanceof VaultError) return error;
    throw error;
  }
}

function failed(error: VaultError): Result {
  return { outcome: 'failed', write: {}, scrub: [], stored: [], warnings: [], error: presentError(error) };
}

/** What was done is recorded before it was; what could not be is said here, once for each reason. */
async function recordFaults(call: ImportCall, results: readonly Result[]): Promise<void> {
  const counts = new Map<string, number>();
  for (const { error } of results)
    if (error) counts.set(error.error_code, (counts.get(error.error_code) ?? 0) + 1);
  for (const [code, count] of counts)
    await call.record({ outcome: 'failed', errorCode: code as VaultError['code'], count });
}
