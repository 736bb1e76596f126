import { createHash } from 'node:crypto';
import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import { adapterOf } from '../../idp/adapters/index.js';
import type { Aims } from '../../idp/plan-restore.js';
import type { Statement } from '../../store/database.js';
import { type FoundSubject, findSubjects } from '../../store/find-idp-subjects.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless } from '../permit.js';
import { presentError } from '../present-error.js';
import { namedHookOf, ofIssuer } from './hook-of.js';
import { stateOf } from './state-of.js';
import { queryOf, subjectOf } from './subject-of.js';
import { jobOf } from './write-back/add-job.js';
import { type Restoring, aimsOf, heldFor, propertiesOf, touchPlain } from './write-back/held-for.js';

type Asked = components['schemas']['IdpRestoreUser'];
type Result = components['schemas']['IdpRestoreResult'];

/** Users who are looked up by one statement, and queued in one transaction. */
const USERS_A_TURN = 100;
const OUTCOMES = { new: 'unknown', erased: 'erased', archived: 'archived', gone: 'deleted' } as const;

/**
 * Says of each user what can be put back at the provider, and has the queue do it: there the user is read, looked up and decided on once more, since all of it may change until then. What is looked at here is recorded before, what is sent by the job that
 * sends it (docs/adr/0063).
 */
export const restoreIdpUsers: Operation<'restoreIdpUsers'> = {
  id: 'restoreIdpUsers',

  async run(call, vault) {
    if (call.body.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'body' });
    const adapter = adapterOf(call.path.provider);
    if (!adapter) throw new VaultError('PV9086');
    const [name, hook] = namedHookOf(call, ofIssuer(call.query.issuer));
    if (!adapter.writeBack) throw new VaultError('PV9116');
    if (hook.writeBack === undefined) throw new VaultError('PV9111');
    const collection = collectionNamed(call.metadata, hook.collection);
    await refuseHopeless(call, collection, 'read');

    const page = { call, vault, collection, adapter, hook, name };
    const results: Result[] = [];
    for (let from = 0; from < call.body.length; from += USERS_A_TURN)
      results.push(...(await restoreTurn(page, call.body.slice(from, from + USERS_A_TURN))));

    if (!call.query.dry_run && results.some(({ outcome }) => outcome === 'held')) vault.writeBack.onAdded();
    const faults = results.filter(({ outcome }) => outcome === 'failed').length;
    if (faults > 0) await call.record({ outcome: 'failed', errorCode: 'PV9010', count: faults });
    if (call.recordedAt === null) await call.record({ outcome: 'allowed', rule: 'nothing-to-restore' });
    return { results };
  },
};

/** One request: what is the same for each of its users. */
interface Page extends Restoring {
  /** The hook's. */
  readonly name: string;
}

/** A user with what was found, and what is asked for. */
interface Planned extends Aims {
  readonly asked: Asked;
  readonly found: FoundSubject;
  readonly state: ReturnType<typeof stateOf>;
}

async function restoreTurn(page: Page, users: readonly Asked[]): Promise<Result[]> {
  const { call, vault, collection, hook } = page;
  const queries = users.map(({ subject }) => queryOf(vault, collection, hook, subjectOf(hook, subject)));
  const found = await findSubjects(vault.database, queries);
  const planned = users.map((asked, i) => plannedFor(page, asked, found[i]!));
  await recordLook(page, planned);

  const results: Result[] = [];
  const statements: Statement[] = [];
  for (const each of planned) {
    const result = await resultOf(page, each);
    results.push(result);
    if (result.outcome === 'held' && !call.query.dry_run)
      statements.push(await orderFor(page, each.asked.subject, result.places));
  }
  if (statements.length > 0) await vault.database.commit(statements);
  return results;
}

function plannedFor(page: Page, asked: Asked, found: FoundSubject): Planned {
  const isForeign = found.object !== null && found.object.tenant !== page.hook.tenant;
  const state = isForeign ? 'new' : stateOf(found);
  const none = { aims: [], left: [] };
  return {
    ...{ asked, found, state },
    ...(state === 'linked' ? aimsOf(page, asked.places ?? page.hook.keep) : none),
  };
}

/** One entry for all: it names every object, and every property that is looked at of any of them. */
async function recordLook(page: Page, planned: readonly Planned[]): Promise<void> {
  const { call, collection } = page;
  const looked = planned.filter(({ aims }) => aims.length > 0);
  const names = [...new Set(looked.flatMap(({ aims }) => propertiesOf(page, aims)))];
  if (names.length === 0) return;
  const facts = {
    collection: collection.name,
    objects: [...new Set(looked.map(({ found }) => found.objectId))],
    asked: names.map((name) => [name, null] as const),
  };
  const { rule } = await permit(call, collection, touchPlain(names), facts);
  await call.record({ ...facts, outcome: 'allowed', rule: call.query.dry_run ? `${rule} dry-run` : rule });
}

async function resultOf(page: Page, { found, state, aims, left }: Planned): Promise<Result> {
  if (state !== 'linked') return { outcome: OUTCOMES[state], places: [], left: [] };
  try {
    const held = await heldFor(page, found, aims);
    const places = [...held.values.keys()];
    return { outcome: places.length > 0 ? 'held' : 'nothing', places, left: [...left, ...held.left] };
  } catch (error) {
    if (!(error instanceof VaultError) || error.code !== 'PV9010') throw error;
    return { outcome: 'failed', places: [], left: [...left], error: presentError(error) };
  }
}

/** Another request for the same adds nothing while this one waits; one for other places, or in another role, does. */
async function orderFor(
  { call, vault, hook, name }: Page,
  subject: string,
  places: readonly string[],
): Promise<Statement> {
  const { role } = call.principal;
  const what = createHash('sha256')
    .update(JSON.stringify([role, call.reason, places.toSorted()]))
    .digest('hex');
  const whose = vault.keyring.lookup.subjectHash(subjectOf(hook, subject)).toString('hex');
  const restore = { places, role, reason: call.reason, requestId: call.requestId };
  const job = await jobOf(vault, name, subject, call.startedAt, restore);
  return vault.writeBack.adding(`${whose}:${what}`, job);
}
