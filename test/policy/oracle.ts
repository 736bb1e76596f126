/**
 * The rules of api.md 5.2-5.4 and architecture.md D11 said again, as slowly and plainly as possible, over the raw
 * lists of an IAM file. Shares no code with src/policy, so that the two can only agree by both being right.
 */
export interface RawPolicy {
  policy_type: 'allow' | 'deny';
  operations: string[];
  reasons: string[];
  resources: string[];
}

export interface RawRole {
  capabilities: string[];
  policies: string[];
  masks?: Record<string, string>;
}

export interface RawIam {
  users: Record<string, { role: string }>;
  roles: Record<string, RawRole>;
  policies: Record<string, RawPolicy>;
}

export interface RawProperty {
  type: string;
  transformations: Record<string, string[]>;
  default?: string;
}

export interface RawTouch {
  operation: string;
  tokens?: boolean;
  property?: string;
  transformation?: string;
  needsPlain?: boolean;
}

export interface RawReveal {
  asked: string;
  property: string;
  transformation: string | null;
  as: string;
}

/** Glob by trying everything: the star takes nothing, or one character and goes on. */
export function slowGlob(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*')
    return slowGlob(pattern.slice(1), text) || (text !== '' && slowGlob(pattern, text.slice(1)));
  return text !== '' && pattern[0] === text[0] && slowGlob(pattern.slice(1), text.slice(1));
}

interface Named {
  collection: string;
  property?: string;
  type?: string;
  transformation?: string | undefined;
}

function covers(resource: string, touched: Named): boolean {
  if (resource === '*') return true;
  const parts = resource.split('/');
  const [collection = '', second = '', third = ''] = parts;
  const inCollection = slowGlob(collection, touched.collection);
  const suffix = touched.transformation === undefined ? '' : '.' + touched.transformation;

  if (parts.length === 2 && collection === 'actions') return false;
  if (parts.length === 2 && second === 'tokens') return inCollection && touched.property === undefined;
  if (touched.property === undefined || touched.type === undefined) return false;
  if (parts.length === 2) return inCollection && slowGlob(second, touched.property + suffix);
  if (second === 'properties') return inCollection && slowGlob(third, touched.property + suffix);
  const [type = '', ...rest] = third.split('.');
  const pattern = [type.toLowerCase(), ...rest].join('.');
  return inCollection && slowGlob(pattern, touched.type.toLowerCase() + suffix);
}

function granted(iam: RawIam, role: string, operation: string, reason: string, touched: Named): boolean {
  let allows = 0;
  let denies = 0;
  for (const [name, policy] of Object.entries(iam.policies)) {
    const listed = iam.roles[role]?.policies ?? [];
    if (!listed.includes(name) && !listed.includes('*')) continue;
    if (!policy.operations.includes(operation) && !policy.operations.includes('*')) continue;
    if (!policy.reasons.includes(reason) && !policy.reasons.includes('*')) continue;
    if (!policy.resources.some((resource) => covers(resource, touched))) continue;
    if (policy.policy_type === 'allow') allows += 1;
    else denies += 1;
  }
  return allows > 0 && denies === 0;
}

const SHOWING = ['read', 'detokenize', 'decrypt'];
const COMPARING = ['search', 'encrypt', 'hash'];

/** The reveals, or null where the request must be refused. */
export function slowDecide(
  iam: RawIam,
  role: string,
  collection: string,
  properties: Record<string, RawProperty>,
  reason: string,
  touches: RawTouch[],
): RawReveal[] | null {
  if (touches.length === 0 || iam.roles[role] === undefined) return null;
  const masks = iam.roles[role].masks ?? {};
  const reveals: RawReveal[] = [];

  for (const touch of touches) {
    if (touch.tokens) {
      if (!granted(iam, role, touch.operation, reason, { collection })) return null;
      continue;
    }
    const property = touch.property ?? '';
    const facts = properties[property];
    if (facts === undefined) return null;
    const mask = masks[`${collection}/${property}`];
    const shows = SHOWING.includes(touch.operation);

    if (mask !== undefined) {
      if (COMPARING.includes(touch.operation)) return null;
      if (touch.needsPlain) return null;
      if (touch.transformation !== undefined && touch.transformation !== mask) return null;
    }
    const asked = touch.transformation === undefined ? property : `${property}.${touch.transformation}`;
    const votedOn = mask !== undefined && shows ? mask : touch.transformation;
    let applied = votedOn;
    if (applied === undefined && shows && !touch.needsPlain) applied = facts.default;
    if (applied !== undefined) {
      const sources = facts.transformations[applied];
      if (sources === undefined) return null;
      for (const source of sources)
        if (source !== property && masks[`${collection}/${source}`] !== undefined) return null;
    }
    const touched = { collection, property, type: facts.type, transformation: votedOn };
    if (!granted(iam, role, touch.operation, reason, touched)) return null;
    if (!shows) continue;
    const same = reveals.find((reveal) => reveal.asked === asked);
    if (same === undefined) reveals.push({ asked, property, transformation: applied ?? null, as: asked });
    else same.transformation ??= applied ?? null; // the less telling of two ways to show it
  }
  return reveals;
}
