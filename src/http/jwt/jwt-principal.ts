import { VaultError } from '../../errors.js';
import type { JwtCaller, Principal } from '../../operations/call.js';
import { intersect, restrictionsOf, rolesOf } from '../../policy/jwt-claims.js';
import type { Metadata } from '../../store/metadata.js';
import type { VerifiedJwt } from './jwt-issuers.js';

/**
 * The caller that a verified token stands for: the first of its roles that may be used directly. One without such a role is known and may
 * do nothing, so that what it tries is recorded. Several roles without an order among them are none: the vault does not pick.
 */
export function principalOfJwt(jwt: VerifiedJwt, { iam }: Metadata): Principal {
  const roles = rolesOf(jwt.idp, jwt.claims).filter((name) => {
    const role = iam.config.roles.get(name);
    return role !== undefined && role.trustedRoles === undefined;
  });
  const role = roles.length === 1 || jwt.idp.allowedRoles ? (roles[0] ?? '') : '';
  return {
    user: userOf(jwt),
    role,
    keyId: jwt.keyId,
    caller: { kind: 'role', role },
    capabilities: iam.compiled.roles.get(role)?.capabilities ?? new Set(),
    jwt: callerOf(jwt),
    restrictions: restrictionsOf(jwt.idp, jwt.claims),
  };
}

/**
 * `principal` acting with a role that it is trusted with, for the subject of a delegation token: the first of the token's roles that names
 * the caller's among its trusted ones. What restricts either restricts both. Throws PV9066 where there is no such role.
 */
export function delegated(principal: Principal, jwt: VerifiedJwt, { iam }: Metadata): Principal {
  const role = rolesOf(jwt.idp, jwt.claims).find((name) =>
    iam.config.roles.get(name)?.trustedRoles?.includes(principal.role),
  );
  if (role === undefined || principal.caller.kind === 'admin') throw new VaultError('PV9066');

  const own = principal.restrictions;
  const theirs = restrictionsOf(jwt.idp, jwt.claims);
  return {
    ...principal,
    role,
    caller: { kind: 'role', role },
    capabilities: iam.compiled.roles.get(role)!.capabilities,
    delegation: { ...callerOf(jwt), trustedRole: principal.role },
    restrictions: theirs === null || own === null ? null : own ? intersect(own, theirs) : theirs,
  };
}

function callerOf({ idpName, issuer, subject }: VerifiedJwt): JwtCaller {
  return { idp: idpName, issuer, subject };
}

/** No user of the IAM configuration has a colon in its name, so nobody passes for another. */
function userOf({ idpName, subject }: VerifiedJwt): string {
  return `${idpName}:${subject}`;
}
