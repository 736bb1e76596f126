import type { ActionHost } from '../../bundles/run-action.js';
import { VaultError } from '../../errors.js';
import type { OutboundRequest } from '../../outbound/outbound.js';
import type { Call, Principal } from '../call.js';
import type { Vault } from '../vault.js';
import { decrypt, dereference, holdsCardData } from './dereference.js';
import { sendRecorded } from './send-recorded.js';

/** Values an action may ask for in one go. */
const MOST_AT_ONCE = 100;

/** What an action can do, in its own role. From the moment it has seen card data, it can send to destinations for card data only. */
export function actionHost(call: Call, vault: Vault, principal: Principal, asked: string): ActionHost {
  let card = false;
  return {
    async deref(input) {
      const entries = Object.entries(objectIn(input));
      if (entries.length > MOST_AT_ONCE) throw new VaultError('PV9007');
      const values: [string, unknown][] = [];
      for (const [name, id] of entries) {
        const dereferenced = await dereference(call, vault, principal, id);
        card ||= dereferenced.card;
        values.push([name, dereferenced.value]);
      }
      return Object.fromEntries(values);
    },

    async decrypt(input) {
      const { collection, requestBody, options } = objectIn(input);
      if (typeof collection !== 'string' || !Array.isArray(requestBody)) throw new VaultError('PV1012');
      if (requestBody.length > MOST_AT_ONCE) throw new VaultError('PV9007');
      const answer = await decrypt(
        call,
        vault,
        principal,
        collection,
        requestBody.map(readDecryption),
        Array.isArray(options) ? options.map(String) : [],
      );
      card ||= answer.some(({ fields }) => holdsCardData(call, collection, Object.keys(objectIn(fields))));
      return answer;
    },

    async fetch(input) {
      const { url, ...request } = readRequest(input);
      const target = vault.outbound.target(url, card);
      return sendRecorded(call, vault, asked, target, request);
    },
  };
}

/** `{encryptedObject: {ciphertext, scope?}, props?}`, as the client library writes it. */
function readDecryption(item: unknown): Call<'decrypt'>['body'][number] {
  const { encryptedObject, props } = objectIn(item);
  const { ciphertext, scope } = objectIn(encryptedObject);
  if (typeof ciphertext !== 'string' || (scope !== undefined && typeof scope !== 'string')) {
    throw new VaultError('PV1012');
  }
  return {
    encrypted_object: { ciphertext, ...(scope !== undefined && { scope }) },
    ...(Array.isArray(props) && { props: props.map(String) }),
  };
}

function readRequest(input: unknown): OutboundRequest & { readonly url: string } {
  const { url, method = 'GET', headers = {}, body = null } = objectIn(input);
  const isText = typeof url === 'string' && typeof method === 'string';
  if (!isText || (body !== null && typeof body !== 'string')) throw new VaultError('PV1012');
  const pairs = Object.entries(objectIn(headers ?? {})).map(([name, value]) => [name, String(value)]);
  return {
    url,
    method: method.toUpperCase(),
    headers: Object.fromEntries(pairs) as Record<string, string>,
    body,
  };
}

function objectIn(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new VaultError('PV1012');
  return value as Record<string, unknown>;
}
