import { adapterOf } from '../../idp/adapters/index.js';
import { type Finding, note, ok, wrong } from './finding.js';
import type { HookDescription } from './vault-connection.js';

/** What logins say of profiles: whether any could be complete, and whether the claim arrives. `tokenClaim` is the one that the hook was told by its own settings. */
export function aboutProfile(
  { profile, properties, provider, collection }: HookDescription,
  tokenClaim: string | undefined,
): Finding[] {
  if (!profile) return [];
  const { required, claim } = profile;
  const known = new Map(properties.map(({ name, may_store }) => [name, may_store]));
  const missing = required.filter((name) => !known.has(name));
  const closed = required.filter((name) => known.get(name) === false);
  const reason = adapterOf(provider)?.refuseClaim(claim) ?? null;
  const another = "Name another in the hook's profile.";
  const findings: Finding[] = [];
  if (missing.length > 0)
    findings.push(
      wrong(
        `A profile needs ${missing.join(', ')}, which ${collection} does not have: none is ever complete.`,
        "Add the properties to the collection, or take them out of the hook's profile.",
      ),
    );
  if (reason !== null)
    findings.push(wrong(`The claim ${claim} of the profile would not reach the token. ${reason}`, another));
  if (claim === tokenClaim)
    findings.push(wrong(`The claim ${claim} of the profile is the token's, too.`, another));
  if (closed.length > 0)
    findings.push(note(`The role may not store ${closed.join(', ')}: no login completes a profile.`));
  return findings.some(({ level }) => level === 'wrong')
    ? findings
    : [ok(`The claim ${claim} says whether the vault has ${required.join(', ')}.`), ...findings];
}
