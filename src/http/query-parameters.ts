import { VaultError } from '../errors.js';
import {
  type ContractOperation,
  type JsonSchema,
  type OperationId,
  contract,
} from '../generated/contract.js';
import { shownName, those } from './pointers.js';

type Kind = 'array' | 'boolean' | 'integer' | 'string';

interface Parameter {
  readonly kind: Kind;
  readonly default: unknown;
}

/** An empty value of this one means something: never expires. Of all others it means absent (api.md 0.1). */
const MEANINGFUL_WHEN_EMPTY = 'expiration_secs';

/** What clients of 2022 (0.9) call parameters whose meaning has not changed. Taken where an operation has the new name and not the old one. */
const FORMER_NAMES: Readonly<Record<string, string>> = {
  ttl: 'expiration_secs',
  token_id: 'token_ids',
  object_id: 'object_ids',
  tag: 'tags',
};

const KNOWN = new Map<OperationId, ReadonlyMap<string, Parameter>>();

/**
 * Reads a query as the operation declares it, former names of parameters included: arrays repeated or comma-separated or both, booleans and integers as such, defaults filled
 * in. Throws PV1012 for a name that is not declared and a scalar given twice. Values that do not fit are left for validation.
 */
export function readQuery(operation: ContractOperation, text: string): Record<string, unknown> {
  const known = parametersOf(operation);
  const query: Record<string, unknown> = {};
  const seen = new Set<string>();

  for (const [given, value] of text === '' ? [] : new URLSearchParams(text)) {
    const name = known.has(given) ? given : formerNameOf(given);
    const parameter = known.get(name);
    if (parameter === undefined)
      throw refused(given, `It is not a parameter of this operation.${those([...known.keys()])}`);
    if (value.includes('\0')) throw refused(name, 'It holds U+0000.');
    if (seen.has(name) && parameter.kind !== 'array') throw refused(name, 'It is given twice.');
    seen.add(name);
    if (value !== '' || name === MEANINGFUL_WHEN_EMPTY) {
      query[name] = coerce(parameter.kind, value, query[name]);
    }
  }

  for (const [name, parameter] of known) {
    if (parameter.default !== undefined && query[name] === undefined) query[name] = parameter.default;
  }
  return query;
}

function formerNameOf(name: string): string {
  return Object.hasOwn(FORMER_NAMES, name) ? FORMER_NAMES[name]! : name;
}

function coerce(kind: Kind, value: string, earlier: unknown): unknown {
  switch (kind) {
    case 'array': {
      const items = value.split(',').filter((item) => item !== '');
      if (earlier !== undefined) return [...(earlier as string[]), ...items];
      return items.length === 0 ? undefined : items;
    }
    case 'boolean':
      if (/^(true|1)$/i.test(value)) return true;
      return /^(false|0)$/i.test(value) ? false : value;
    case 'integer':
      return /^-?\d{1,15}$/.test(value) ? Number(value) : value;
    case 'string':
      return value;
  }
}

function parametersOf({ operationId, parameters }: ContractOperation): ReadonlyMap<string, Parameter> {
  let known = KNOWN.get(operationId);
  if (!known) {
    known = new Map(
      Object.entries(parameters.query.properties).map(([name, schema]) => {
        const { type, default: preset } = resolve(schema);
        return [name, { kind: kindOf(type), default: preset }];
      }),
    );
    KNOWN.set(operationId, known);
  }
  return known;
}

function kindOf(type: unknown): Kind {
  return type === 'array' || type === 'boolean' || type === 'integer' ? type : 'string';
}

function resolve(schema: JsonSchema): JsonSchema {
  const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1)! : undefined;
  return name === undefined ? schema : resolve(contract.definitions.$defs[name]!);
}

function refused(name: string, reason: string): VaultError {
  return new VaultError('PV1012', { field: shownName(name), reason });
}
