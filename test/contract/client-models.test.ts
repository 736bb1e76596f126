import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type ContractOperation, type JsonSchema, contract } from '../../src/generated/contract.js';

/*
 * Generated clients refuse a field that their schema does not declare and the lack of one that it requires. So every model of the published
 * client is held against the schema of that name here, and every operation's answer against the model that the client gives for it.
 */

const CLIENT = path.join(import.meta.dirname, '../../node_modules/@piiano/vault-client/dist/generated');
const definitions = contract.definitions.$defs;

/** The text of each type declaration in a folder of the client, without comments. */
function declarations(folder: string): string[] {
  const files = readdirSync(path.join(CLIENT, folder)).filter((name) => name.endsWith('.d.ts'));
  return files.map((name) =>
    readFileSync(path.join(CLIENT, folder, name), 'utf8').replace(/\/\*[\s\S]*?\*\//g, ''),
  );
}

type Model = [name: string, fields: Record<string, 'required' | 'optional'>];

function modelsOf(text: string): Model[] {
  return [...text.matchAll(/export type (\w+) = \{\n([\s\S]*?)\n\};/g)].map(([, name, body]) => {
    const fields = [...body!.matchAll(/^ {4}(?:readonly )?(\w+)(\??): /gm)];
    return [
      name!,
      Object.fromEntries(fields.map(([, field, mark]) => [field!, mark ? 'optional' : 'required'])),
    ];
  });
}

/** What the contract has under another name. */
const NAMED_OTHERWISE: Readonly<Record<string, string>> = { rest_HTTPError: 'HTTPError' };
/** Written as TOML, and one that test/contract/shapes.test.ts is about. */
const ELSEWHERE = ['Idp', 'Policy', 'Role', 'User', 'InputObject'];
/** Fields that a client of another language walks through in the settings, where this one has none. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  MigrationConfig: ['initial_wait_between_retries', 'max_wait_between_retries'],
};

const models = declarations('models')
  .flatMap(modelsOf)
  .filter(([name, fields]) => Object.keys(fields).length > 0 && !ELSEWHERE.includes(name));

test('the client has the models that this looks at', () => {
  expect(models.length).toBeGreaterThan(70);
});

test.each(models)('%s has the fields of the client’s, required where they are there', (name, fields) => {
  const schema = definitions[NAMED_OTHERWISE[name] ?? name] as JsonSchema & {
    properties?: object;
    required?: string[];
  };
  const ours = Object.keys(schema.properties ?? {}).filter((field) => !ADDED[name]?.includes(field));
  expect(
    Object.fromEntries(
      ours.map((field) => [field, schema.required?.includes(field) ? 'required' : 'optional']),
    ),
  ).toEqual(fields);
});

/** `X`, or `X[]` for a list; null for an answer without a body or of no model. */
function modelOfAnswer({ response }: ContractOperation): string | null {
  const schema = response?.['application/json'] as { $ref?: string; items?: { $ref?: string } } | undefined;
  const nameOf = (ref: string): string => ref.split('/').at(-1)!;
  if (schema?.$ref) return nameOf(schema.$ref);
  return schema?.items?.$ref ? `${nameOf(schema.items.$ref)}[]` : null;
}

/** Each method of the client with what it promises, `X[]` for a list. */
const answers = declarations('services').flatMap((text) =>
  [...text.matchAll(/^ {4}(?!constructor)(\w+)\([\s\S]*?\): CancelablePromise<(.+)>;$/gm)].map(
    ([, operation, type]): [string, string] => [operation!, type!.replace(/^Array<(\w+)>$/, '$1[]')],
  ),
);
const EMPTY = ['any', 'void'];
const OTHER_TYPES = ['Blob', 'Config', 'IAMConfig'];
const operationNamed = (name: string): ContractOperation =>
  Object.values(contract.operations).find(({ operationId }) => operationId === name)!;

test('the client has a method for each of the 73 operations', () => {
  expect(answers).toHaveLength(73);
});

test.each(answers.filter(([, type]) => !EMPTY.includes(type) && !OTHER_TYPES.includes(type)))(
  '%s answers the client’s %s',
  (operation, type) => expect(modelOfAnswer(operationNamed(operation))).toBe(type),
);

test.each(answers.filter(([, type]) => EMPTY.includes(type)))(
  '%s, of which the client takes %s, answers nothing',
  (operation) => expect(operationNamed(operation).response).toBeNull(),
);
