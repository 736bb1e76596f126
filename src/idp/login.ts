import { VaultError } from '../errors.js';
import type { ConflictRule } from '../policy/idp-hooks.js';
import type { IdpProfile } from '../policy/idp-profile.js';
import type { AttributeMap } from './map-attributes.js';
import { mapAttributes } from './map-attributes.js';
import { detectPii } from './detect-pii.js';
import { hasLostDigits } from './lost-digits.js';
import { type UnfitValue, quarantineOf } from './quarantine.js';
import { type Attribute, type Decision, LINK_KEY, type LoginEvent, type Warning } from './event.js';
import { type Candidate, type Holdings, type Plan, planLogin } from './plan-login.js';
import { profileOf } from './profile-of.js';

/** What the vault knows of a subject, found in one look. */
export interface Found {
  /** `gone`: the object was deleted in the vault, and nobody said that the person is to be erased everywhere. */
  readonly state: 'new' | 'linked' | 'archived' | 'erased' | 'gone';
  /** The object that is, or will be, the subject's. */
  readonly objectId: string;
  readonly held: Holdings;
  /** The provider has suspended them: what they have is stored all the same, and nobody gets a token of it. */
  readonly suspended: boolean;
}

/** What became of an attempt to store a plan. `raced`: somebody else changed what was found; `taken`: another object has the unique value. */
export type Outcome =
  | { readonly done: true; readonly token: string | undefined }
  | { readonly raced: true }
  | { readonly taken: string };

/** The vault, as one login sees it. */
export interface LoginPort {
  /** The properties of the collection, and those without which no object can be. */
  readonly properties: ReadonlySet<string>;
  readonly required: readonly string[];
  /** The value as it is sealed; null where its type refuses it, undefined where it says nothing. */
  textOf(property: string, value: unknown): string | null | undefined;
  /** Whether the caller may store the property. */
  mayStore(property: string): boolean;
  find(): Promise<Found>;
  /** Stores, links and tokenizes: all of it, durably, or nothing. Without writes for a new subject it does nothing. */
  apply(found: Found, plan: Plan): Promise<Outcome>;
}

/** What the operator says of logins of one hook. */
export interface LoginRules {
  readonly map: AttributeMap;
  readonly keep: readonly string[];
  readonly conflict: ReadonlyMap<string, ConflictRule>;
  readonly claim: string | undefined;
  /** The property that keeps values which do not fit theirs; undefined: they stay at the provider. */
  readonly quarantine: string | undefined;
  /** What a profile needs; undefined: nothing is said of profiles. */
  readonly profile: IdpProfile | undefined;
}

/** Of many first logins of one person at the same moment one creates and the others find. Who loses more often than this comes back. */
const MOST_RACES = 8;

/**
 * One login from beginning to end: look, plan, apply; again where somebody else was faster. The order of effects is the guarantee: what the
 * answer says to scrub or to write at the provider is in the vault, durably, before the answer exists. A crash anywhere leaves the value in both places, never in neither, and the
 * next login repairs it.
 */
export async function handleLogin(port: LoginPort, event: LoginEvent, given: LoginRules): Promise<Decision> {
  const rules = withQuarantine(port, given);
  const { quarantine } = rules;
  const read = readCandidates(port, event.attributes, rules);
  const refused = new Map<string, Warning['code']>();
  for (const { property } of read.candidates)
    if (!port.mayStore(property)) refused.set(property, 'not_allowed');

  for (let races = 0; races < MOST_RACES;) {
    const found = await port.find();
    const kept =
      quarantine === undefined || refused.has(quarantine)
        ? null
        : quarantineOf(quarantine, read.unfit, found.held, (property, value) => port.textOf(property, value));
    const fitting = read.candidates.filter(({ property }) => !refused.has(property));
    const candidates = kept === null ? fitting : [...fitting, kept];
    const warnings = [
      ...read.warnings,
      ...read.candidates.flatMap(({ property, name }): Warning[] => {
        const code = refused.get(property);
        return code ? [{ code, name }] : [];
      }),
    ];
    if (found.state !== 'new' && found.state !== 'linked')
      return withoutObject(event, found.state, candidates, warnings);

    const { connection, updatedAt, late = false } = event;
    const weighing = { kind: connection.kind, rules: rules.conflict, updatedAt, late };
    const plan = planLogin(candidates, found.held, weighing);
    const missing = found.state === 'new' ? missingOf(port, plan) : [];
    const nothing = plan.writes.length === 0 || event.onlyKnown === true;
    if (missing.length > 0 || (found.state === 'new' && nothing)) {
      const incomplete = plan.writes.length > 0 ? missing : [];
      return {
        write: {},
        scrub: [],
        ...profileOf(rules.profile, port, event, found, []),
        warnings: [
          ...warnings,
          ...incomplete.map((name): Warning => ({ code: 'incomplete', name })),
          ...remarks(event, found),
        ],
      };
    }

    const profile = profileOf(rules.profile, port, event, found, plan.writes);
    const outcome = await port.apply(found, plan);
    if ('done' in outcome)
      return { ...decision(event, found, plan, outcome.token, rules, warnings), ...profile };
    if ('raced' in outcome) races++;
    else refused.set(outcome.taken, 'not_unique');
  }
  throw new VaultError('PV3218');
}

/** The rules with the quarantine as far as there is one; what comes to it is added to what is in it, whatever else the hook says of conflicts. */
function withQuarantine(port: LoginPort, rules: LoginRules): LoginRules {
  const { quarantine, conflict } = rules;
  if (quarantine === undefined || !port.properties.has(quarantine) || !port.mayStore(quarantine))
    return { ...rules, quarantine: undefined };
  return { ...rules, conflict: new Map([...conflict, [quarantine, 'idp-wins']]) };
}

/** The values that fit their properties, one per property, and what is to be said of the others. */
function readCandidates(
  port: LoginPort,
  attributes: readonly Attribute[],
  { map, keep, quarantine }: LoginRules,
): {
  readonly candidates: readonly Candidate[];
  readonly unfit: readonly UnfitValue[];
  readonly warnings: readonly Warning[];
} {
  // What is kept there comes from nowhere else.
  const properties = new Set([...port.properties].filter((property) => property !== quarantine));
  const { mapped, unmapped } = mapAttributes(attributes, map, properties);
  const warnings: Warning[] = detectPii(unmapped).map((name) => ({ code: 'unmapped_pii', name }));
  const unfit: UnfitValue[] = [];
  const candidates = new Map<string, Candidate>();
  for (const { property, attribute } of mapped) {
    const { path: name, value, verified } = attribute;
    const isCut = hasLostDigits(value);
    const text = isCut ? null : port.textOf(property, value);
    if (text === undefined) continue;
    const stays = keep.includes(name);
    if (text === null) {
      warnings.push({ code: 'quarantined', name });
      const { removable, removableLater = false } = attribute;
      if (!isCut)
        unfit.push({ name, value, removable: removable && !stays, removableLater: removableLater && !stays });
      continue;
    }
    const removable = attribute.removable && !stays ? [name] : [];
    const removableLater = attribute.removableLater && !stays ? [name] : [];
    const first = candidates.get(property);
    if (first === undefined)
      candidates.set(property, { property, text, removable, removableLater, verified, name });
    else if (first.text === text)
      candidates.set(property, {
        ...first,
        removable: [...first.removable, ...removable],
        removableLater: [...first.removableLater, ...removableLater],
      });
    else warnings.push({ code: 'ambiguous', name });
  }
  return { candidates: [...candidates.values()], unfit, warnings };
}

function missingOf(port: LoginPort, { writes }: Plan): string[] {
  const given = new Set(writes.map(({ property }) => property));
  return port.required.filter((property) => !given.has(property));
}

/**
 * Who was erased gets nothing stored, and what the provider still has of them need not stay there. Of an archived or deleted object nobody
 * said that much: what the provider has stays.
 */
function withoutObject(
  event: LoginEvent,
  state: 'erased' | 'archived' | 'gone',
  candidates: readonly Candidate[],
  warnings: readonly Warning[],
): Decision {
  return {
    write: state !== 'archived' && event.link !== undefined ? { [LINK_KEY]: null } : {},
    scrub: state === 'erased' ? candidates.flatMap(({ removable }) => removable) : [],
    warnings: [...warnings, { code: state === 'archived' ? 'archived' : 'erased' }],
  };
}

function decision(
  event: LoginEvent,
  found: Found,
  { scrub }: Plan,
  token: string | undefined,
  { claim }: LoginRules,
  warnings: readonly Warning[],
): Decision {
  return {
    write: event.link === undefined ? { [LINK_KEY]: found.objectId } : {},
    scrub,
    ...(token !== undefined && { token, ...(claim !== undefined && { claim }) }),
    warnings: [...warnings, ...remarks(event, found)],
  };
}

function remarks(event: LoginEvent, found: Found): Warning[] {
  return [...foreignLink(event, found), ...(found.suspended ? [{ code: 'suspended' } as const] : [])];
}

/** The vault knows whose object is whose; another id at the provider decides nothing. It stays there: it may be the only trace of an object. */
function foreignLink({ link }: LoginEvent, { objectId }: Found): Warning[] {
  return link === undefined || link === objectId ? [] : [{ code: 'link_ignored' }];
}
