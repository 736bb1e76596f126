import { expandCapabilities, type Capability } from './capabilities.js';
import type { IamConfig, IamPolicy, IamRole } from './iam-config.js';
import { OPERATION_NAMES, type Operation } from './operations.js';
import { ACCESS_REASONS, type AccessReason } from './reasons.js';
import { matchesResource, parseResource, type Resource, type ResourcePattern } from './resources.js';

/** An IAM config made ready for thousands of decisions a second. */
export interface CompiledIam {
  readonly roles: ReadonlyMap<string, CompiledRole>;
}

export interface CompiledRole {
  readonly capabilities: ReadonlySet<Capability>;
  /** Collection -> property -> the transformation the role sees it through. */
  readonly masks: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** In the order the role lists them, `*` standing for all in the order of the file. */
  readonly policies: readonly CompiledPolicy[];
  /** The outcome of all the role's policies for one touch. */
  readonly vote: (operation: Operation, reason: AccessReason, resource: Resource) => Vote;
}

export interface CompiledPolicy {
  readonly name: string;
  readonly type: 'allow' | 'deny';
  readonly operations: ReadonlySet<Operation>;
  readonly reasons: ReadonlySet<AccessReason>;
  readonly resources: readonly ResourcePattern[];
}

/** `policy` is the first in the role's order that settled it. */
export type Vote =
  { readonly verdict: 'allow' | 'deny'; readonly policy: string } | { readonly verdict: 'none' };

/** Votes remembered per role; past this the memory starts anew, so that it stays bounded. */
const MOST_VOTES_KEPT = 10_000;

/** Resolves names, globs and included capabilities of a config once. The config must come from `parseIamConfig`. */
export function compileIam(config: IamConfig): CompiledIam {
  const policies = new Map([...config.policies].map(([name, policy]) => [name, compilePolicy(name, policy)]));
  return { roles: new Map([...config.roles].map(([name, role]) => [name, compileRole(role, policies)])) };
}

function compileRole(role: IamRole, all: ReadonlyMap<string, CompiledPolicy>): CompiledRole {
  const names = new Set(role.policies.flatMap((name) => (name === '*' ? [...all.keys()] : [name])));
  const policies = [...names].map((name) => all.get(name)).filter((policy) => policy !== undefined);

  const masks = new Map<string, Map<string, string>>();
  for (const { collection, property, transformation } of role.masks) {
    const ofCollection = masks.get(collection) ?? new Map<string, string>();
    masks.set(collection, ofCollection.set(property, transformation));
  }

  return { capabilities: expandCapabilities(role.capabilities), masks, policies, vote: remember(policies) };
}

function compilePolicy(name: string, policy: IamPolicy): CompiledPolicy {
  return {
    name,
    type: policy.type,
    operations: select(OPERATION_NAMES, policy.operations),
    reasons: select(ACCESS_REASONS, policy.reasons),
    resources: policy.resources.map(parseResource).filter((pattern) => pattern !== null),
  };
}

function select<Word extends string>(all: readonly Word[], written: readonly string[]): ReadonlySet<Word> {
  return new Set(all.filter((word) => written.includes('*') || written.includes(word)));
}

/** The votes of a fixed list of policies never change, so remembering them changes nothing but the time they take. */
function remember(policies: readonly CompiledPolicy[]): CompiledRole['vote'] {
  const votes = new Map<string, Vote>();
  return (operation, reason, resource) => {
    const key = `${operation} ${reason} ${resourceKey(resource)}`;
    const known = votes.get(key);
    if (known !== undefined) return known;

    const vote = countVotes(policies, operation, reason, resource);
    if (votes.size >= MOST_VOTES_KEPT) votes.clear();
    votes.set(key, vote);
    return vote;
  };
}

/** One deny outweighs any number of allows. */
function countVotes(
  policies: readonly CompiledPolicy[],
  operation: Operation,
  reason: AccessReason,
  resource: Resource,
): Vote {
  const voting = policies.filter(
    (policy) =>
      policy.operations.has(operation) &&
      policy.reasons.has(reason) &&
      policy.resources.some((pattern) => matchesResource(pattern, resource)),
  );
  const settling = voting.find((policy) => policy.type === 'deny') ?? voting[0];
  return settling === undefined ? { verdict: 'none' } : { verdict: settling.type, policy: settling.name };
}

/** Different resources have different keys: no name holds a space. */
function resourceKey(resource: Resource): string {
  switch (resource.kind) {
    case 'property':
      return `property ${resource.collection} ${resource.property} ${resource.typeName} ${resource.transformation ?? ''}`;
    case 'tokens':
      return `tokens ${resource.collection}`;
    case 'action':
      return `action ${resource.action}`;
  }
}
