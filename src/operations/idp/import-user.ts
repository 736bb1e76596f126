import type { components } from '../../generated/api.js';
import type { LoginEvent } from '../../idp/event.js';
import { type Found, type LoginPort, type LoginRules, type Outcome, handleLogin } from '../../idp/login.js';
import type { Plan } from '../../idp/plan-login.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import type { LoginEffects } from './login-effects.js';
import { StoredLogin, leavesForLater } from './stored-login.js';
import { subjectOf } from './subject-of.js';
import { addJob } from './write-back/add-job.js';

type Result = components['schemas']['IdpImportResult'];

/** A user who is taken in, and with what. */
export interface ImportedUser {
  readonly call: Call<'importIdpUsers'>;
  readonly vault: Vault;
  readonly collection: KnownCollection;
  readonly hook: IdpHook;
  readonly event: LoginEvent;
  readonly effects: LoginEffects;
  readonly rules: LoginRules;
}

/**
 * Takes a user in as a login does; in a dry run nothing is stored. With `write_back` what is left to do at the provider is queued after that: a crash in between leaves a
 * user who is done again with the page.
 */
export async function importUser({
  call,
  vault,
  collection,
  hook,
  event,
  effects,
  rules,
}: ImportedUser): Promise<Result> {
  const login = new StoredLogin(call, vault, collection, hook, event, effects);
  const { dry_run: dryRun = false, write_back: writesBack = false } = call.query;
  const port = new WatchedLogin(login, dryRun);
  const { write, scrub, warnings } = await handleLogin(port, event, rules);
  const isLeft = Object.keys(write).length > 0 || scrub.length > 0 || port.leavesForLater(event);
  const queued = writesBack && !dryRun && isLeft;
  if (queued) {
    const subject = subjectOf(hook, event.subject);
    const statements = await addJob({ call, vault, hook, event, subject });
    await effects.commit({ indexes: [], statements });
  }
  return {
    ...port.result(),
    ...{ write: { ...write }, scrub: [...scrub], warnings: [...warnings] },
    ...(writesBack && { queued }),
  };
}

/** A login of which it is known afterwards what it did, or would have done. */
class WatchedLogin implements LoginPort {
  readonly properties: ReadonlySet<string>;
  readonly required: readonly string[];
  readonly #login: StoredLogin;
  readonly #dryRun: boolean;
  #state: Found['state'] = 'new';
  #applied: { readonly objectId: string; readonly plan: Plan } | null = null;

  constructor(login: StoredLogin, dryRun: boolean) {
    this.#login = login;
    this.#dryRun = dryRun;
    this.properties = login.properties;
    this.required = login.required;
  }

  textOf(property: string, value: unknown): string | null | undefined {
    return this.#login.textOf(property, value);
  }

  mayStore(property: string): boolean {
    return this.#login.mayStore(property);
  }

  async find(): ReturnType<StoredLogin['find']> {
    const found = await this.#login.find();
    this.#state = found.state;
    return found;
  }

  async apply(found: Awaited<ReturnType<StoredLogin['find']>>, plan: Plan): Promise<Outcome> {
    const outcome = this.#dryRun
      ? await this.#login.rehearse(found, plan)
      : await this.#login.apply(found, plan);
    if ('done' in outcome) this.#applied = { objectId: found.objectId, plan };
    return outcome;
  }

  leavesForLater(event: LoginEvent): boolean {
    return this.#applied !== null && leavesForLater(event, this.#applied.plan.scrubLater);
  }

  result(): Pick<Result, 'outcome' | 'stored' | 'object_id'> {
    if (this.#applied === null) {
      return { outcome: this.#state === 'new' || this.#state === 'linked' ? 'nothing' : 'left', stored: [] };
    }
    const { objectId, plan } = this.#applied;
    const stored = plan.writes.map(({ property, name }) => ({ property, from: name }));
    const existing = stored.length === 0 ? 'unchanged' : 'changed';
    return { outcome: this.#state === 'new' ? 'created' : existing, object_id: objectId, stored };
  }
}
