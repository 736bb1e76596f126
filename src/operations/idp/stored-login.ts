import { type ErrorCode, VaultError } from '../../errors.js';
import type { LinkedSubject } from '../../crypto/index.js';
import type { LoginEvent } from '../../idp/event.js';
import type { Found, LoginPort, Outcome } from '../../idp/login.js';
import { normaliseAttribute } from '../../idp/normalise.js';
import type { Candidate, Plan } from '../../idp/plan-login.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { UniqueViolation } from '../../store/database-errors.js';
import { type FoundSubject, findSubjectOf } from '../../store/find-idp-subjects.js';
import { insertTokensOfSubjects } from '../../store/tokens/change-tokens.js';
import type { KnownCollection } from '../collection-named.js';
import { readObjectIds } from '../objects/object-ids.js';
import { type OpenObject, openObject } from '../objects/open-object.js';
import { valueText } from '../objects/read-fields.js';
import { touchProperties } from '../permit.js';
import { prepareToken } from '../tokens/prepare-token.js';
import { referencesTo } from '../tokens/token-facts.js';
import type { Vault } from '../vault.js';
import { holdingsOf } from './holdings-of.js';
import type { IdpCall } from './hook-of.js';
import { type LoginEffects, effectsAlone } from './login-effects.js';
import { newLoginToken, propertiesOfToken } from './login-token.js';
import { mayTouch } from './may-touch.js';
import type { Account } from './member-of.js';
import { stateOf } from './state-of.js';
import { type StoringContext, storingOf } from './storing-of.js';
import { addJob } from './write-back/add-job.js';
import { provisionalSubject, queryOf, subjectHashes, subjectOf } from './subject-of.js';

/** The value does not fit, or the type it would have to fit does not work: a login goes on without it either way. */
const UNFIT: ReadonlySet<ErrorCode> = new Set(['PV3002', 'PV9013', 'PV9052', 'PV9053']);

/** What an attempt found, as the vault keeps it. */
interface FoundHere extends Found {
  readonly subject: FoundSubject;
  readonly object: OpenObject | null;
  readonly account: Account | null;
}

/** A login that began before somebody left an organization; none takes that long. */
const STILL_UNDER_WAY_MS = 10 * 60_000;

/** Whether something is left to do at the provider that its hook cannot. */
export function leavesForLater({ linkLater, link }: LoginEvent, scrubLater: Plan['scrubLater']): boolean {
  return scrubLater.length > 0 || (linkLater === true && link === undefined);
}

/** One login in the vault: the store behind `handleLogin`. Each attempt is recorded before its effect. With `users` it is what the user is in the event's organization that is stored. */
export class StoredLogin implements LoginPort {
  readonly properties: ReadonlySet<string>;
  readonly required: readonly string[];
  readonly #call: IdpCall;
  readonly #vault: Vault;
  readonly #collection: KnownCollection;
  readonly #hook: IdpHook;
  readonly #event: LoginEvent;
  readonly #subject: LinkedSubject;
  readonly #derivedId: string;
  readonly #tokenized: readonly string[];
  readonly #context: StoringContext;
  readonly #effects: LoginEffects;
  readonly #users: KnownCollection | undefined;
  #hasToken = false;

  constructor(
    call: IdpCall,
    vault: Vault,
    collection: KnownCollection,
    hook: IdpHook,
    event: LoginEvent,
    effects = effectsAlone(call, vault, collection),
    users?: KnownCollection,
  ) {
    this.#users = users;
    this.#effects = effects;
    this.#call = call;
    this.#vault = vault;
    this.#collection = collection;
    this.#hook = hook;
    this.#event = event;
    const named = subjectOf(hook, event.subject, users && event.organization);
    this.#derivedId = vault.keyring.lookup.linkedObjectId(named);
    this.#subject = event.provisional ? provisionalSubject(hook, this.#derivedId) : named;
    this.#context = { call, vault, collection, hook, event, subject: this.#subject };
    this.properties = new Set(collection.own.keys());
    this.required = [...collection.own.values()].filter((each) => !each.isNullable).map(({ name }) => name);
    this.#tokenized = propertiesOfToken(this.#context);
  }

  textOf(property: string, value: unknown): string | null | undefined {
    const known = this.#collection.own.get(property)!;
    const normal = normaliseAttribute(value, known.dataTypeName);
    if (typeof normal === 'string') return normal === 'absent' ? undefined : null;
    try {
      return valueText(known, normal.value, this.#vault.settings.types);
    } catch (error) {
      if (error instanceof VaultError && UNFIT.has(error.code)) return null;
      throw error;
    }
  }

  mayStore(property: string): boolean {
    return mayTouch(this.#call, this.#collection, 'write', property);
  }

  async find(): Promise<FoundHere> {
    const { adoptLinks, tenant } = this.#hook;
    const shown = adoptable(this.#event.link);
    const account = await this.#account();
    const claimed = this.#event.provisional ? await this.#sameLegacyUser() : this.#movedUser(shown);
    const subject = await this.#effects.find({
      collection: this.#collection.id,
      hashes: subjectHashes(this.#vault, this.#subject),
      claimed,
      derivedId: this.#derivedId,
      adopt: adoptLinks ? shown : null,
      tenant,
    });
    // The row came from another tenant's hook, or the object was made by somebody else under this id.
    if (subject.object && subject.object.tenant !== tenant) throw new VaultError('PV9009');

    const object = subject.object && subject.active ? await openObject(this.#vault, subject.object) : null;
    return {
      state: this.#stateFor(subject, account),
      objectId: subject.objectId,
      subject,
      object,
      held: holdingsOf(this.#collection, object, subject.row),
      suspended: (subject.row?.isSuspended || account?.found.row?.isSuspended) ?? false,
      account,
    };
  }

  async #account(): Promise<Account | null> {
    const collection = this.#users;
    if (collection === undefined) return null;
    const user = subjectOf(this.#hook, this.#event.subject);
    const found = await this.#effects.find(queryOf(this.#vault, collection, this.#hook, user));
    if (found.object && found.object.tenant !== this.#hook.tenant) throw new VaultError('PV9009');
    return { collection, user, found };
  }

  /** Where the user was erased, archived or deleted, so is what they are in organizations. */
  #stateFor(subject: FoundSubject, account: Account | null): Found['state'] {
    if (!account) return stateOf(subject);
    const ofUser = stateOf(account.found);
    if (ofUser !== 'new' && ofUser !== 'linked') return ofUser;
    const leftAt = subject.row?.isFresh ? subject.row.unlinkedAt?.getTime() : undefined;
    const isLeaving = leftAt !== undefined && leftAt > this.#call.startedAt.getTime() - STILL_UNDER_WAY_MS;
    return isLeaving ? 'archived' : stateOf(subject);
  }

  async apply(found: FoundHere, { writes, scrubLater }: Plan): Promise<Outcome> {
    const storing = await storingOf(this.#context, found, writes);
    const tokenized = found.suspended ? [] : this.#tokenized;
    const token = tokenized.length === 0 ? null : newLoginToken(this.#context, storing.source, tokenized);
    const prepared = token && (await prepareToken(this.#vault, this.#collection, token));

    await this.#record(found.objectId, writes, tokenized, token?.id);
    // Whoever imports users says whether they are to be changed at the provider, and has it queued.
    const addsJobs = this.#call.operation !== 'importIdpUsers';
    const jobs = addsJobs && leavesForLater(this.#event, scrubLater) ? await addJob(this.#context) : [];
    const stored = [...storing.statements, ...jobs];
    const isNew = prepared !== null && !this.#hasToken;
    const insert = isNew ? [insertTokensOfSubjects([{ ...prepared, subjects: storing.subjects }])] : [];
    // Alone it may share its statement with others; together with what is stored it is all or nothing.
    const tokens = stored.length === 0 ? insert : insert.map((each) => ({ ...each, mustReturn: 1 }));
    const statements = [...stored, ...tokens];
    try {
      const results =
        statements.length > 0 ? await this.#effects.commit({ indexes: storing.indexes, statements }) : [];
      const made = (results.at(-1) ?? []).some(({ id }) => id === prepared?.write.id);
      if (jobs.length > 0) this.#vault.writeBack.onAdded();
      // Linked, unlinked, suspended, erased or deleted since it was looked up.
      if (isNew && !made) return { raced: true };
    } catch (error) {
      const outcome = this.#outcomeOf(error, stored.length > 0, token?.id);
      if (outcome === null) throw error;
      return outcome;
    }
    return { done: true, token: token?.id };
  }

  /** What {@link apply} would do, with the record alone: whether the vault has a value already is told, too. */
  async rehearse(found: FoundHere, { writes }: Plan): Promise<Outcome> {
    await this.#record(found.objectId, writes, [], undefined, true);
    return { done: true, token: undefined };
  }

  /** Whoever has the object of a legacy user who is moved once more: the provider forgot them, the vault did not. */
  async #sameLegacyUser(): Promise<Buffer[]> {
    const known = await findSubjectOf(this.#vault.database, this.#collection.id, this.#derivedId);
    return known ? [known.hash] : [];
  }

  /** The legacy user whom the provider had no id of when they were moved, and now shows the object of. */
  #movedUser(shown: string | null): Buffer[] {
    return shown === null ? [] : subjectHashes(this.#vault, provisionalSubject(this.#hook, shown));
  }

  /** Nothing was stored and nothing shown, but somebody asked. */
  async recordIfNothingWas(): Promise<void> {
    if (this.#call.recordedAt !== null) return;
    await this.#call.record({
      collection: this.#collection.name,
      outcome: 'allowed',
      rule: 'nothing-stored',
    });
  }

  /** What happened, where that is not a failure: somebody was faster, a value is taken, or the very token is there already. */
  #outcomeOf(error: unknown, stored: boolean, token: string | undefined): Outcome | null {
    if (error instanceof UniqueViolation) {
      // The same event, sent again: the token it made is there, and what else there is to store goes without it.
      if (error.constraint === 'token_pkey') this.#hasToken = true;
      return this.#hasToken && !stored ? { done: true, token } : { raced: true };
    }
    if (!(error instanceof VaultError)) return null;
    if (error.code === 'PV9022' || error.code === 'PV3218') return { raced: true };
    const taken = error.code === 'PV9001' ? error.context.property : undefined;
    return taken === undefined ? null : { taken };
  }

  async #record(
    objectId: string,
    writes: readonly Candidate[],
    tokenized: readonly string[],
    token: string | undefined,
    rehearsed?: true,
  ): Promise<void> {
    const written = writes.map(({ property }) => property);
    const asked = [...new Set([...written, ...tokenized])];
    const facts = {
      objects: [objectId],
      asked: asked.map((name) => [name, null] as const),
      ...(token !== undefined && { tokens: referencesTo(this.#vault, this.#collection, [token]) }),
    };
    // Each was asked for before; this is the decision that the entry names.
    const touches = [...touchProperties('write', written), ...touchProperties('tokenize', tokenized)];
    await this.#effects.record({ facts, touches, ...(rehearsed && { rehearsed }) });
  }
}

function adoptable(link: string | undefined): string | null {
  try {
    return link === undefined ? null : readObjectIds([link])[0]!;
  } catch {
    return null;
  }
}
