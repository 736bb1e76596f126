import { standingOf, type Caller, type Ruling, type Standing } from './caller.js';
import type { CollectionFacts, PropertyFacts } from './collection-facts.js';
import type { CompiledIam } from './compile.js';
import { OPERATIONS, type Operation } from './operations.js';
import type { AccessReason } from './reasons.js';
import { withTransformation } from './resources.js';

/** One thing an operation is about to do to one thing in the collection. */
export interface Touch {
  readonly operation: Operation;
  readonly resource: TouchedProperty | { readonly kind: 'tokens' };
}

export interface TouchedProperty {
  readonly kind: 'property';
  readonly property: string;
  readonly transformation?: string;
  /**
   * The effect cannot be had from a masked value: an export (operation `detokenize` or `read`), a token whose id
   * is the same for equal values (`tokenize`). Refused where the role has a mask on the property.
   */
  readonly needsPlain?: true;
}

export interface DecisionRequest {
  readonly caller: Caller;
  readonly collection: CollectionFacts;
  readonly reason: AccessReason;
  readonly touches: readonly Touch[];
}

/** A value to be shown: `property`, through `transformation` (null: as stored), under the key `as`. */
export interface Reveal {
  readonly asked: string;
  readonly property: string;
  readonly transformation: string | null;
  readonly as: string;
}

/** `rule` names what decided, for the access log; equal inputs give an equal rule. */
export type Decision =
  | { readonly allowed: true; readonly rule: string; readonly reveals: readonly Reveal[] }
  | { readonly allowed: false; readonly code: 'PV1006'; readonly rule: string; readonly touch: Touch | null };

/**
 * Decides one request. Every touch needs at least one allowing policy of the caller's role and no denying one; one
 * refused touch refuses all. A mask of the role changes what is asked of the policies and what is shown, and
 * refuses whatever would work around it. Refused too, so that a mistake shows nothing: a request without touches,
 * and an unknown role, property or transformation (the operation has answered 404 before).
 * Pure; never throws. Source: api.md 5.2, architecture.md D11.
 */
export function decide(iam: CompiledIam, request: DecisionRequest): Decision {
  const standing = standingOf(iam, request.caller);
  const rules = new Set<string>();
  const reveals = new Map<string, Reveal>();

  for (const touch of request.touches) {
    const { ruling, reveal } = weigh(standing, request, touch);
    if (!ruling.allowed) return { allowed: false, code: 'PV1006', rule: ruling.rule, touch };
    rules.add(ruling.rule);
    // Touched both plainly and by its default transformation, a value is shown transformed.
    if (reveal && !reveals.get(reveal.asked)?.transformation) reveals.set(reveal.asked, reveal);
  }

  if (rules.size === 0) return { allowed: false, code: 'PV1006', rule: 'nothing-touched', touch: null };
  return { allowed: true, rule: [...rules].join(' '), reveals: [...reveals.values()] };
}

interface Weighed {
  readonly ruling: Ruling;
  readonly reveal?: Reveal;
}

function weigh(standing: Standing, request: DecisionRequest, { operation, resource }: Touch): Weighed {
  const collection = request.collection.name;
  if (resource.kind === 'tokens')
    return { ruling: standing.ruleOn(operation, request.reason, { kind: 'tokens', collection }) };

  const { property } = resource;
  const facts = request.collection.properties.get(property);
  if (facts === undefined) return refused('unknown-property');

  const mask = standing.maskOn(collection, property);
  if (mask !== undefined && worksAround(mask, operation, resource))
    return refused(`role-mask:${collection}/${property}`);

  const shows = OPERATIONS[operation].onMasked === 'impose';
  const granted = mask !== undefined && shows ? mask : resource.transformation;
  const applied = granted ?? (shows ? defaultOf(facts, resource) : undefined);
  if (applied !== undefined) {
    const sources = facts.transformations.get(applied);
    if (sources === undefined) return refused('unknown-transformation');
    const leak = sources.find(
      (source) => source !== property && standing.maskOn(collection, source) !== undefined,
    );
    if (leak !== undefined) return refused(`role-mask:${collection}/${leak}`);
  }

  const ruling = standing.ruleOn(operation, request.reason, {
    kind: 'property',
    collection,
    property,
    typeName: facts.typeName,
    ...(granted !== undefined && { transformation: granted }),
  });
  if (!shows) return { ruling };
  const asked = withTransformation(property, resource.transformation);
  return { ruling, reveal: { asked, property, transformation: applied ?? null, as: asked } };
}

/** Whether the touch would compare, carry away or show the value otherwise than through the mask. */
function worksAround(mask: string, operation: Operation, touched: TouchedProperty): boolean {
  if (touched.needsPlain || OPERATIONS[operation].onMasked === 'refuse') return true;
  return touched.transformation !== undefined && touched.transformation !== mask;
}

/** A custom type may show itself transformed; the plain name is what the policies are asked for all the same. */
function defaultOf(facts: PropertyFacts, touched: TouchedProperty): string | undefined {
  return touched.needsPlain ? undefined : facts.defaultTransformation;
}

function refused(rule: string): Weighed {
  return { ruling: { allowed: false, rule } };
}
