import { PROPERTIES, TOKENIZED } from './people.mjs';

/**
 * @typedef {'bare' | 'bare_audited' | 'bare_pgcrypto'} Style
 * @typedef {{ text: string, parameters: number }} BareStatement
 * @typedef {{ tables: string, detokenize: BareStatement, getObject: BareStatement, tokenize: BareStatement, addObject: BareStatement }} BareStatements
 */

/**
 * The tables of a baseline and what it asks of them, one statement for a request. `bare_pgcrypto` has PostgreSQL encrypt each value with pgcrypto's
 * functions as they are without options, and finds a token by an HMAC of its id; its last parameter is always the key.
 * @param {Style} style
 * @returns {BareStatements}
 */
export function statementsOf(style) {
  const encrypted = style === 'bare_pgcrypto';
  const type = encrypted ? 'bytea' : 'text';
  const parameters = (/** @type {number} */ own) => own + Number(encrypted);
  const stored = (/** @type {number} */ nth, /** @type {number} */ own) =>
    encrypted ? `pgp_sym_encrypt($${nth}, $${own + 1})` : `$${nth}`;
  const shown = (/** @type {readonly string[]} */ names) =>
    names.map((name) => (encrypted ? `pgp_sym_decrypt(${name}, $2) as ${name}` : name)).join(', ');
  const tokenKey = (/** @type {number} */ own) => (encrypted ? `hmac($1, $${own + 1}, 'sha256')` : '$1');
  const columns = (/** @type {readonly string[]} */ names) =>
    names.map((name) => `${name} ${type} not null`).join(', ');
  const many = (
    /** @type {readonly string[]} */ names,
    /** @type {number} */ from,
    /** @type {number} */ own,
  ) => names.map((_, i) => stored(from + i, own)).join(', ');

  const token = TOKENIZED.length + 2;
  const object = PROPERTIES.length + 1;
  return {
    tables: `${encrypted ? 'create extension pgcrypto;' : ''}
      create table bare_object (id uuid primary key, ${columns(PROPERTIES)});
      create table bare_token (id ${encrypted ? 'bytea' : 'uuid'} primary key, object_id uuid, ${columns(TOKENIZED)});
      create table bare_audit (id bigserial primary key, at timestamptz not null, request_id uuid not null, client text not null,
        operation text not null, subject uuid not null)`,
    detokenize: {
      text: `select ${shown(TOKENIZED)} from bare_token where id = ${tokenKey(1)}`,
      parameters: parameters(1),
    },
    getObject: {
      text: `select ${shown(PROPERTIES)} from bare_object where id = $1`,
      parameters: parameters(1),
    },
    tokenize: {
      text: `insert into bare_token (id, object_id, ${TOKENIZED.join(', ')}) values (${tokenKey(token)}, $2, ${many(TOKENIZED, 3, token)})`,
      parameters: parameters(token),
    },
    addObject: {
      text: `insert into bare_object (id, ${PROPERTIES.join(', ')}) values ($1, ${many(PROPERTIES, 2, object)})`,
      parameters: parameters(object),
    },
  };
}
