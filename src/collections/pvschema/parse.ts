import type { CollectionDefinition, CollectionType, PropertyDefinition } from '../collection.js';
import { syntaxError, tokenize } from './tokenize.js';
import type { Token } from './tokenize.js';

type Flag = Exclude<keyof PropertyDefinition, 'name' | 'data_type_name' | 'description'>;

/** The attributes of PVSchema and what they are called in JSON. */
const FLAGS: ReadonlyMap<string, Flag> = new Map([
  ['UNIQUE', 'is_unique'],
  ['INDEX', 'is_index'],
  ['SUBSTRING_INDEX', 'is_substring_index'],
  ['ENCRYPTED', 'is_encrypted'],
  ['NULL', 'is_nullable'],
  ['BUILTIN', 'is_builtin'],
  ['READONLY', 'is_readonly'],
]);

/**
 * Reads PVSchema (api.md section 3): any number of collections. Only the syntax is judged; what a text does not state
 * is absent from the result, as in JSON, and defineCollection or amendCollection say what that means.
 * @throws VaultError PV9004 with line, column and reason
 */
export function parsePVSchema(schema: string): CollectionDefinition[] {
  const cursor = new Cursor(schema);
  const collections: CollectionDefinition[] = [];
  while (cursor.peek().kind !== 'end') collections.push(collection(cursor));
  return collections;
}

/**
 * Reads PVSchema that must hold one collection, as in the requests that create or amend one.
 * @throws VaultError PV9004 with line, column and reason
 */
export function parsePVSchemaCollection(schema: string): CollectionDefinition {
  const cursor = new Cursor(schema);
  const only = collection(cursor);
  cursor.take('end', 'expected the end: one collection at a time');
  return only;
}

function collection(cursor: Cursor): CollectionDefinition {
  const name = cursor.take('name', 'expected the name of a collection').text;
  const type = collectionType(cursor);
  cursor.take('(', 'expected "(" before the properties');
  const properties: PropertyDefinition[] = [];
  while (!cursor.skip(')')) {
    properties.push(property(cursor));
    // A comma before ")" is allowed: it occurs in published schemas.
    if (!cursor.skip(',') && cursor.peek().kind !== ')')
      throw cursor.refusal('expected an attribute, "," or ")" after a property');
  }
  cursor.skip(';');
  return { name, type, properties };
}

function collectionType(cursor: Cursor): CollectionType {
  const reason = 'expected PERSONS or DATA after the name of a collection';
  const { text } = cursor.peek();
  if (text !== 'PERSONS' && text !== 'DATA') throw cursor.refusal(reason);
  cursor.take('name', reason);
  return text;
}

function property(cursor: Cursor): PropertyDefinition {
  const name = cursor.take('name', 'expected the name of a property').text;
  const dataTypeName = cursor.take('name', 'expected a data type after the name of a property').text;
  const flags: Partial<Record<Flag, boolean>> = {};
  let description: string | undefined;
  // COMMENT comes last: what follows it is no attribute.
  while (description === undefined && cursor.peek().kind === 'name') {
    if (cursor.skipWord('COMMENT')) description = cursor.take('quoted', 'expected quotes after COMMENT').text;
    else attribute(cursor, flags);
  }
  return {
    name,
    data_type_name: dataTypeName,
    ...flags,
    ...(description === undefined ? {} : { description }),
  };
}

function attribute(cursor: Cursor, flags: Partial<Record<Flag, boolean>>): void {
  const value = !cursor.skipWord('NOT');
  const flag = FLAGS.get(cursor.peek().text);
  if (!flag || cursor.peek().kind !== 'name') throw cursor.refusal('there is no such attribute');
  // Stated twice, one of the two would be lost, and they may contradict each other.
  if (flag in flags) throw cursor.refusal('the attribute is stated twice');
  flags[flag] = value;
  cursor.take('name', 'there is no such attribute');
}

/** The place that reading has reached. */
class Cursor {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(private readonly schema: string) {
    this.tokens = tokenize(schema);
  }

  peek(): Token {
    // The last token is 'end' and is never passed.
    return this.tokens[this.at] ?? { kind: 'end', text: '', offset: this.schema.length };
  }

  take(kind: Token['kind'], reason: string): Token {
    const token = this.peek();
    if (token.kind !== kind) throw this.refusal(reason);
    this.at += 1;
    return token;
  }

  skip(kind: Token['kind']): boolean {
    if (this.peek().kind !== kind) return false;
    this.at += 1;
    return true;
  }

  skipWord(word: string): boolean {
    const token = this.peek();
    return token.kind === 'name' && token.text === word && this.skip('name');
  }

  refusal(reason: string): Error {
    return syntaxError(this.schema, this.peek().offset, reason);
  }
}
