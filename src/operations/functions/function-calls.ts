import type { LinkedFunction, LinkedType } from '../../bundles/link.js';
import type { Sandbox, Session } from '../../bundles/sandbox.js';
import { dependenciesAmong } from '../../bundles/prototypes.js';
import type { DataType, JsonValue } from '../../data-types/data-type.js';
import { dataTypeNamed } from '../../data-types/index.js';
import { VaultError } from '../../errors.js';
import type { StoredCollection, StoredProperty } from '../../store/metadata.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';

/** What functions are told of the request they work for. */
type Occasion = Pick<Call, 'principal' | 'reason' | 'transParam' | 'startedAt'>;

/** Gives a property's value, null where it has none or the request's things do not include it. */
export type ValueOf = (property: string) => JsonValue | null;

/**
 * The bundle functions of one request: gives collections their custom types and transformations. Where JavaScript is switched off, whatever
 * needs a function is PV1003: a value that nobody validated is not stored, and one that nobody transformed not shown.
 */
export class FunctionCalls {
  readonly #occasion: Occasion;
  readonly #sandbox: Sandbox | null;
  readonly #bound = new Map<StoredCollection, KnownCollection>();
  #session: Session | undefined;

  constructor(sandbox: Sandbox | null, occasion: Occasion) {
    this.#sandbox = sandbox;
    this.#occasion = occasion;
  }

  /** The collection with the types of its properties ready for this request; the very same where all of them are built in. */
  bind(collection: KnownCollection): KnownCollection {
    if (collection.stored.properties.every(({ linked }) => linked === null)) return collection;
    const known = this.#bound.get(collection.stored);
    if (known) return known;

    const own = new Map(
      [...collection.own].map(([name, property]) => [
        name,
        property.linked ? { ...property, type: this.#typeOf(property.linked) } : property,
      ]),
    );
    const bound: KnownCollection = {
      ...collection,
      own,
      ownById: new Map([...own.values()].map((property) => [property.id, property])),
      all: new Map([...collection.all, ...own]),
      functions: this,
    };
    this.#bound.set(collection.stored, bound);
    return bound;
  }

  /** Calls a transformer; null where it gives no value. Throws PV9052 and PV9053. */
  transform(
    collection: KnownCollection,
    property: StoredProperty,
    transformer: LinkedFunction,
    value: JsonValue,
    valueOf: ValueOf,
  ): JsonValue | null {
    const { principal, reason, transParam, startedAt } = this.#occasion;
    const context = {
      user: principal.user,
      role: principal.role,
      reason,
      collection: collection.name,
      props: Object.fromEntries([...collection.own.values()].map((each) => [each.name, each.dataTypeName])),
      prop: property.name,
      ...(transParam !== null && { param: transParam }),
    };
    const object: Record<string, JsonValue> = {};
    for (const name of dependenciesAmong(collection.all.keys(), transformer.properties)) {
      const dependency = name === property.name ? value : valueOf(name);
      if (dependency !== null) object[name] = dependency;
    }
    return this.#run(transformer, [context, object, value], startedAt) ?? null;
  }

  /** To be called when the request is over: nothing of it stays in the sandbox. */
  end(): void {
    this.#session?.end();
  }

  /** A type whose values pass its validator, go through its normalizer, and then are what the built-in type below it takes them for. */
  #typeOf(linked: LinkedType): DataType {
    const base = baseOf(linked);
    return {
      ...base,
      name: linked.name,
      normalise: (value, limits) => {
        if (linked.validator) {
          const verdict = this.#run(linked.validator, [value], null);
          if (typeof verdict !== 'boolean') throw new VaultError('PV9052');
          if (!verdict) return { ok: false, reason: 'must pass the validator of its data type' };
        }
        const normal = linked.normalizer ? this.#run(linked.normalizer, [value], null) : value;
        if (normal === undefined || normal === null) throw new VaultError('PV9052');
        return base.normalise(normal, limits);
      },
    };
  }

  #run({ bundle, name }: LinkedFunction, args: readonly unknown[], now: Date | null) {
    if (!this.#sandbox) throw new VaultError('PV1003');
    this.#session ??= this.#sandbox.session();
    return this.#session.call(bundle, name, args, now);
  }
}

/** The built-in type below one with functions. */
function baseOf({ baseTypeName }: LinkedType): DataType {
  return dataTypeNamed(baseTypeName)!;
}
