import { expandCapabilities } from './capabilities.js';
import type { IamConfig, IamPolicy, IamRole } from './iam-config.js';
import { writeIdp } from './idp-config.js';

/** Who changes a config: its role, and where that role comes from. */
export interface Self {
  readonly role: string;
  /** The user of an API key; undefined for a JWT. */
  readonly user: string | undefined;
  /** Every idp whose tokens make up the caller. */
  readonly idps: readonly string[];
}

/**
 * Whether replacing `before` by `after` lets the caller itself do more: through its role's capabilities, policies or masks, by getting another
 * role that may more, or by changing the idp that gives it its role. Only the Admin may give to a caller what the caller did not have.
 */
export function raisesOwnRole(before: IamConfig, after: IamConfig, self: Self): boolean {
  if (self.idps.some((name) => idpText(before, name) !== idpText(after, name) && after.idps.has(name))) {
    return true;
  }
  if (gains(before, before.roles.get(self.role), after, after.roles.get(self.role))) return true;
  if (self.user === undefined) return false;
  const [was, is] = [before.users.get(self.user), after.users.get(self.user)];
  return gains(before, was && before.roles.get(was.role), after, is && after.roles.get(is.role));
}

/** Whether somebody who held the one role may do more with the other; a role that is gone is none. */
function gains(
  before: IamConfig,
  held: IamRole | undefined,
  after: IamConfig,
  role: IamRole | undefined,
): boolean {
  return role !== undefined && (held === undefined || isMore(before, held, after, role));
}

function isMore(before: IamConfig, held: IamRole, after: IamConfig, role: IamRole): boolean {
  const capabilities = expandCapabilities(held.capabilities);
  if ([...expandCapabilities(role.capabilities)].some((each) => !capabilities.has(each))) return true;

  const had = policiesOf(before, held);
  const has = policiesOf(after, role);
  const allows = (policies: IamPolicy[]): IamPolicy[] => policies.filter(({ type }) => type === 'allow');
  const denies = (policies: IamPolicy[]): IamPolicy[] => policies.filter(({ type }) => type === 'deny');
  if (!areCovered(allows(has), allows(had)) || !areCovered(denies(had), denies(has))) return true;

  return held.masks.some(
    (mask) =>
      !role.masks.some(
        (kept) =>
          kept.collection === mask.collection &&
          kept.property === mask.property &&
          kept.transformation === mask.transformation,
      ),
  );
}

/** Whether each policy is wholly within one of `by`. Coverage by several together is not looked for: then the Admin is asked. */
function areCovered(policies: readonly IamPolicy[], by: readonly IamPolicy[]): boolean {
  return policies.every((policy) =>
    by.some(
      (other) =>
        isWithin(policy.operations, other.operations) &&
        isWithin(policy.reasons, other.reasons) &&
        isWithin(policy.resources, other.resources),
    ),
  );
}

function isWithin(words: readonly string[], others: readonly string[]): boolean {
  return others.includes('*') || words.every((word) => others.includes(word));
}

function policiesOf(config: IamConfig, role: IamRole): IamPolicy[] {
  const names = role.policies.includes('*') ? [...config.policies.keys()] : role.policies;
  return names.flatMap((name) => config.policies.get(name) ?? []);
}

/** Being switched off gives nobody more. */
function idpText(config: IamConfig, name: string): string | null {
  const idp = config.idps.get(name);
  return idp === undefined ? null : JSON.stringify(writeIdp({ ...idp, disabled: false }));
}
