import { type JsonSchema, contract } from '../generated/contract.js';

/** Removes null members where they count as absent, in place. */
export type Strip = (value: unknown) => void;

/** The one schema whose null members count as absent; anywhere else a null is a value or an error. */
const NULLS_ARE_ABSENT = 'InputObject';

const COMPILED = new Map<JsonSchema, Strip | null>();

/** What to do to bodies of a schema; null: nothing. Worked out once per schema, so that other operations do not pay for it. */
export function nullStripper(schema: JsonSchema): Strip | null {
  let strip = COMPILED.get(schema);
  if (strip === undefined) {
    strip = compile(schema);
    COMPILED.set(schema, strip);
  }
  return strip;
}

function compile(schema: JsonSchema): Strip | null {
  const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1)! : null;
  if (name === NULLS_ARE_ABSENT) return stripMembers;
  if (name !== null) return compile(contract.definitions.$defs[name]!);
  if (schema.items !== undefined) return inItems(compile(schema.items as JsonSchema));
  return inMembers(Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>));
}

function stripMembers(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) if (members[name] === null) delete members[name];
}

function inItems(strip: Strip | null): Strip | null {
  return (
    strip &&
    ((value) => {
      if (Array.isArray(value)) value.forEach(strip);
    })
  );
}

function inMembers(members: readonly [name: string, schema: JsonSchema][]): Strip | null {
  const concerned = members.flatMap(([name, schema]) => {
    const strip = compile(schema);
    return strip ? [[name, strip] as const] : [];
  });
  if (concerned.length === 0) return null;
  return (value) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, strip] of concerned) strip((value as Record<string, unknown>)[name]);
  };
}
