import { PROPERTIES, TOKENIZED, WIDE_COLLECTION, person, profile } from './people.mjs';
import { API, DATA, REASON } from './vault-client.mjs';

/** Objects in one bulk request: as many as it takes. */
const BULK = 1_000;
/** Of whole profiles, as many as make a megabyte: a round is to see more than one answer. */
const WIDE_BULK = 200;
/** Tokens and ciphertexts in one request. */
const HUNDRED = 100;
/** Connections where each request is a lot of work: more would measure a queue. */
const FEW = 8;
const FEWER = 4;

/**
 * What a vault is asked in a scenario, and by what its answers are known.
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {{ app: string, support: string, crypto: string }} keys
 * @param {import('./fill.mjs').Filled} filled
 * @returns {import('./load.mjs').Plan}
 */
export function planOf(scenario, keys, { objects, tokens, emails, ciphertexts }) {
  const app = { authorization: `Bearer ${keys.app}` };
  const support = { authorization: `Bearer ${keys.support}` };
  const json = { ...app, 'content-type': 'application/json' };
  const props = PROPERTIES.map((name) => `props=${name}`).join('&');
  switch (scenario) {
    case 'detokenize':
      return {
        next: () => ({
          method: 'GET',
          path: `${DATA}/tokens?token_ids=${oneOf(tokens)}&${REASON}`,
          headers: support,
        }),
        shows: '"ssn":"***-**-',
      };
    case 'tokenize':
      return {
        next: () => ({
          method: 'POST',
          path: `${DATA}/tokens?${REASON}`,
          headers: json,
          body: tokenizing(oneOf(objects)),
        }),
        shows: '"token_id":"',
      };
    case 'add_object':
      return {
        next: () => ({
          method: 'POST',
          path: `${DATA}/objects?${REASON}`,
          headers: json,
          body: JSON.stringify(person()),
        }),
        shows: '"id":"',
      };
    case 'get_object':
      return {
        next: () => ({
          method: 'GET',
          path: `${DATA}/objects/${oneOf(objects)}?${props}&${REASON}`,
          headers: app,
        }),
        shows: '"address":"',
      };
    case 'bulk_add':
      return {
        next: () => ({
          method: 'POST',
          path: `${DATA}/bulk/objects?${REASON}`,
          headers: json,
          body: JSON.stringify(Array.from({ length: BULK }, person)),
        }),
        shows: '"ok":true',
        items: BULK,
        connections: FEW,
      };
    case 'bulk_add_wide':
      return {
        next: () => ({
          method: 'POST',
          path: `${API}/data/collections/${WIDE_COLLECTION}/bulk/objects?${REASON}`,
          headers: json,
          body: JSON.stringify(Array.from({ length: WIDE_BULK }, profile)),
        }),
        shows: '"ok":true',
        items: WIDE_BULK,
        connections: FEWER,
      };
    case 'detokenize_many':
      return {
        next: () => ({
          method: 'GET',
          path: `${DATA}/tokens?token_ids=${someOf(tokens, HUNDRED).join(',')}&${REASON}`,
          headers: support,
        }),
        shows: '"ssn":"***-**-',
        items: HUNDRED,
        connections: FEW,
      };
    case 'decrypt_many':
      return {
        next: () => ({
          method: 'POST',
          path: `${DATA}/decrypt/objects?${REASON}`,
          headers: { ...json, authorization: `Bearer ${keys.crypto}` },
          body: JSON.stringify(
            someOf(ciphertexts, HUNDRED).map((ciphertext) => ({ encrypted_object: { ciphertext } })),
          ),
        }),
        shows: '"ssn":"',
        items: HUNDRED,
        // Alone: what waits for another request's turn of the event loop is no time of its own.
        connections: 1,
      };
    case 'search_indexed':
      return {
        next: () => ({
          method: 'POST',
          path: `${DATA}/query/objects?${props}&${REASON}`,
          headers: json,
          body: JSON.stringify({ match: { email: oneOf(emails) } }),
        }),
        shows: '"address":"',
      };
  }
}

/** The body that has a token made for an object. @param {string} object */
export function tokenizing(object) {
  return JSON.stringify([{ type: 'randomized', object: { id: object }, props: TOKENIZED }]);
}

/** @template T @param {readonly T[]} all @returns {T} */
function oneOf(all) {
  return all[Math.floor(Math.random() * all.length)];
}

/**
 * So many neighbours of those there are, from a place drawn at random: each once.
 * @template T @param {readonly T[]} all @param {number} count @returns {T[]}
 */
function someOf(all, count) {
  const from = Math.floor(Math.random() * (all.length - count + 1));
  return all.slice(from, from + count);
}
