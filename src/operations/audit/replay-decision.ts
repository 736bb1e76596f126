import type { Entry, RecordedTouch, Revelation } from '../../access-log/entry.js';
import { dataTypeNamed } from '../../data-types/index.js';
import { type OperationId, contract } from '../../generated/contract.js';
import { transformationsOf } from '../../masks/index.js';
import type { Caller } from '../../policy/caller.js';
import type { CollectionFacts, PropertyFacts } from '../../policy/collection-facts.js';
import type { CompiledIam } from '../../policy/compile.js';
import { couldBeGranted } from '../../policy/could-be-granted.js';
import { type Touch, decide } from '../../policy/decide.js';
import type { IamConfig } from '../../policy/iam-config.js';
import type { Operation as PolicyOperation } from '../../policy/operations.js';
import type { AccessReason } from '../../policy/reasons.js';
import { ADMIN_USER } from '../../store/metadata.js';
import { TOKEN_TRANSFORMATION } from '../collection-named.js';
import { ADMIN_ROLE } from '../actions/acting-role.js';
import { passingCapabilities } from '../needed-capabilities.js';
import { replayedRole } from './replay-role.js';

/** An IAM configuration to be tried, and the collections as they are today. */
export interface Proposal {
  readonly config: IamConfig;
  readonly compiled: CompiledIam;
  readonly collections: ReadonlyMap<string, CollectionFacts>;
}

/** What a decision would be. */
export interface Verdict {
  readonly to: 'allowed' | 'masked' | 'denied' | 'undetermined';
  readonly rule: string;
  readonly revealed: readonly Revelation[];
}

/**
 * What came of trying the proposal on an entry: nothing was decided there that the configuration has a part in, or the entry does not say enough, or a verdict;
 * `change` says whether it is another than the recorded one.
 */
export type Replayed =
  | { readonly kind: 'nothing-decided' }
  | { readonly kind: 'not-replayable' }
  | ({ readonly kind: 'decided'; readonly change: boolean; readonly approximate: boolean } & Verdict);

/** Rules by which a request went on, or not, without the policies being asked. */
const WITHOUT_POLICIES = /^(capability:|nothing-|no-capability$)/;

/** Decides what an entry records once more, under the proposal. Pure. */
export function replayDecision(entry: Entry, proposal: Proposal): Replayed {
  if (!isDecision(entry)) return { kind: 'nothing-decided' };
  if (isOfClaims(entry)) return { kind: 'not-replayable' };
  const role = replayedRole(entry, proposal.config);
  if (!role.known) return verdict(entry, denial(role.rule));

  const held = proposal.compiled.roles.get(role.name)!.capabilities;
  const passed = passingCapabilities(entry.operation as OperationId, held);
  if (passed === null) return verdict(entry, denial('no-capability'));
  if (entry.touches !== undefined) return onTouches(entry, entry.touches, role.name, proposal);

  if (entry.rule === 'no-capability') {
    return verdict(entry, { to: 'undetermined', rule: `capability:${passed.join('+')}`, revealed: [] });
  }
  if (entry.rule !== undefined && WITHOUT_POLICIES.test(entry.rule)) return unchanged(entry);
  const failedBefore = entry.outcome === 'failed' && entry.asked === undefined;
  return failedBefore ? { kind: 'nothing-decided' } : { kind: 'not-replayable' };
}

/**
 * What completes another entry, or was refused before anybody was known, or for a tenant that the request itself named, or was the Admin's, no configuration
 * decides.
 */
function isDecision(entry: Entry): boolean {
  const { refers, count, user, role, action, rule, operation } = entry;
  const own = refers === undefined && count === undefined;
  const ofAdmin = action === undefined ? user === ADMIN_USER : role === ADMIN_ROLE;
  const ofTenant = rule === 'foreign-tenant' && !showedJwt(entry);
  return own && !ofAdmin && !ofTenant && operation in contract.operations;
}

/** Whether it came of what a JWT said beyond its role: that is not in the entry, so neither a refusal for it nor the lack of a role can be repeated. */
function isOfClaims(entry: Entry): boolean {
  const { rule, role, action } = entry;
  if (rule === 'restricted-by-claims' || rule === 'no-trusted-role') return true;
  return showedJwt(entry) && (rule === 'foreign-tenant' || (role === '' && action === undefined));
}

function showedJwt({ issuer, delegation }: Entry): boolean {
  return issuer !== undefined || delegation !== undefined;
}

function onTouches(
  entry: Entry,
  recorded: readonly RecordedTouch[],
  role: string,
  { compiled, collections }: Proposal,
): Replayed {
  const caller: Caller = { kind: 'role', role };
  const name = entry.collection ?? '';
  const anything = recorded.find(([, property]) => property === '*');
  if (anything) {
    return couldBeGranted(compiled, caller, anything[0] as PolicyOperation, name)
      ? verdict(entry, { to: 'undetermined', rule: 'possible-grant', revealed: [] })
      : verdict(entry, denial('no-possible-grant'));
  }

  const { facts, approximate } = factsOfThen(name, recorded, collections.get(name));
  const decision = decide(compiled, {
    caller,
    collection: facts,
    reason: (entry.reason ?? 'AppFunctionality') as AccessReason,
    touches: recorded.map(touchOf),
  });
  if (!decision.allowed) return verdict(entry, denial(decision.rule), approximate);
  const revealed = decision.reveals.map(({ property, transformation }): Revelation => [
    property,
    transformation,
  ]);
  // A permission that showed nothing then, because there was nothing, would show nothing now.
  const shows = entry.outcome === 'denied' || (entry.revealed ?? []).length > 0;
  const masked = shows && revealed.some(([, transformation]) => transformation !== null);
  return verdict(
    entry,
    { to: masked ? 'masked' : 'allowed', rule: decision.rule, revealed: shows ? revealed : [] },
    approximate,
  );
}

function touchOf([operation, property, , transformation, needsPlain]: RecordedTouch): Touch {
  return {
    operation: operation as PolicyOperation,
    resource:
      property === undefined
        ? { kind: 'tokens' }
        : {
            kind: 'property',
            property,
            ...(typeof transformation === 'string' && { transformation }),
            ...(needsPlain && { needsPlain }),
          },
  };
}

/**
 * The collection as it was: the touches name the properties and their types, and what a built-in type can be shown through is the vault's own. Of a
 * custom type only today's definition is known.
 */
function factsOfThen(
  name: string,
  recorded: readonly RecordedTouch[],
  today: CollectionFacts | undefined,
): { facts: CollectionFacts; approximate: boolean } {
  const properties = new Map<string, PropertyFacts>();
  let approximate = false;
  for (const [, property, typeName] of recorded) {
    if (property === undefined || !typeName) continue;
    const builtIn = dataTypeNamed(typeName) !== undefined;
    const known = today?.properties.get(property);
    const names = [...transformationsOf(typeName), TOKEN_TRANSFORMATION];
    const ofType: PropertyFacts = {
      typeName,
      transformations: new Map(names.map((each) => [each, []])),
    };
    approximate ||= !builtIn;
    properties.set(property, !builtIn && known?.typeName === typeName ? known : ofType);
  }
  return { facts: { name, properties }, approximate };
}

function denial(rule: string): Verdict {
  return { to: 'denied', rule, revealed: [] };
}

/** Whether the verdict is another than the recorded one: another outcome, or something else that is shown. */
function verdict(entry: Entry, found: Verdict, approximate = false): Replayed {
  const before = entry.revealed ?? [];
  const differs =
    // What failed was allowed to try.
    entry.outcome === 'failed' ? found.to === 'denied' : found.to !== entry.outcome;
  const showsOther =
    (found.to === 'allowed' || found.to === 'masked') &&
    before.length > 0 &&
    !sameSet(before, found.revealed);
  return { kind: 'decided', change: differs || showsOther, approximate, ...found };
}

function unchanged({ outcome, rule = '' }: Entry): Replayed {
  const to = outcome === 'masked' || outcome === 'denied' ? outcome : 'allowed';
  return { kind: 'decided', change: false, approximate: false, to, rule, revealed: [] };
}

function sameSet(a: readonly Revelation[], b: readonly Revelation[]): boolean {
  const text = (each: Revelation): string => JSON.stringify(each);
  const [left, right] = [new Set(a.map(text)), new Set(b.map(text))];
  return left.size === right.size && [...left].every((each) => right.has(each));
}
