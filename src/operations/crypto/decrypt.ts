import { presentTime } from '../../collections/present.js';
import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { Reveal } from '../../policy/decide.js';
import { withTransformation } from '../../policy/resources.js';
import { type Binding, asRevelations, readBindings } from '../bindings.js';
import type { Call } from '../call.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import { lifecycleOf } from '../objects/lifecycle-of.js';
import { type TokenOf, revealWith, revealedFacts } from '../objects/reveal.js';
import { touchBindings } from '../objects/touch-bindings.js';
import type { Operation } from '../operation.js';
import { type Permission, permit, refuseHopeless } from '../permit.js';
import { findTokenOf } from '../tokens/find-token-of.js';
import { textOfValue } from './field-values.js';
import { type OpenCiphertext, givenCiphertext, openCiphertexts } from './open-ciphertext.js';

/** The ciphertexts are empty, or the properties in them were deleted since. */
const NOTHING_TO_SHOW: Permission = { reveals: [], rule: 'nothing-to-show' };

export const decrypt: Operation<'decrypt'> = {
  id: 'decrypt',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    if (call.body.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'body' });
    const named = call.body.map(({ props }, i) =>
      props?.length ? readBindings(collection, props, `body[${i}].props`) : null,
    );
    if (call.body.length === 0) {
      await call.record({ collection: collection.name, outcome: 'allowed', rule: 'nothing-asked' });
      return [];
    }

    const asked = asRevelations(eachOnce(named.flatMap((bindings) => bindings ?? [])));
    await refuseHopeless(call, collection, 'decrypt', { asked });
    const given = call.body.map(({ encrypted_object }, i) =>
      givenCiphertext(encrypted_object, `body[${i}].encrypted_object`),
    );
    const opened = await openCiphertexts(call, vault, collection, given, lifecycleOf(call.query));

    const bindings = opened.map((ciphertext, i) => named[i] ?? everythingIn(ciphertext));
    const touched = eachOnce(bindings.flat());
    const facts = { collection: collection.name, asked: asRevelations(touched) };
    const { reveals, rule } =
      touched.length > 0
        ? await permit(call, collection, touchBindings('decrypt', touched), facts)
        : NOTHING_TO_SHOW;

    await call.record({ ...facts, ...revealedFacts(reveals), rule });
    const allowed = new Map(reveals.map((reveal) => [reveal.asked, reveal]));
    const tokenOf = await findTokenOf(call, vault, collection, reveals, opened.map(textsIn(collection)));
    const withMetadata = call.query.options?.includes('include_metadata') ?? false;
    return opened.map((ciphertext, i) => ({
      fields: reveal(call, collection, ciphertext, bindings[i]!, allowed, tokenOf),
      ...(withMetadata && { metadata: metadataOf(ciphertext) }),
    }));
  },
};

function reveal(
  call: Call,
  collection: KnownCollection,
  { values }: OpenCiphertext,
  bindings: readonly Binding[],
  allowed: ReadonlyMap<string, Reveal>,
  tokenOf: TokenOf,
): ReturnType<typeof revealWith> {
  const reveals = bindings.map((binding) => allowed.get(nameOf(binding))!);
  return revealWith(reveals, collection, call.startedAt, tokenOf, (property) => {
    const value = values.get(property);
    return value ? textOfValue(value) : null;
  });
}

/** The values in a ciphertext by the number of their property. */
function textsIn({ ownById }: KnownCollection) {
  return ({ values }: OpenCiphertext) =>
    (property: number): string | null => {
      const value = values.get(ownById.get(property)?.name ?? '');
      return value ? textOfValue(value) : null;
    };
}

function metadataOf(ciphertext: OpenCiphertext): components['schemas']['EncryptedObjectMetadata'] {
  const { type, scope, tags, expiresAt } = ciphertext;
  return { type, scope, expiration: expiresAt && presentTime(expiresAt), tags: [...tags] };
}

function everythingIn({ values }: OpenCiphertext): Binding[] {
  return [...values.keys()].map((property) => ({ property, transformation: null }));
}

function eachOnce(bindings: readonly Binding[]): Binding[] {
  return [...new Map(bindings.map((binding) => [nameOf(binding), binding])).values()];
}

function nameOf({ property, transformation }: Binding): string {
  return withTransformation(property, transformation ?? undefined);
}
