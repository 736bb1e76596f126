import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

type Node = Record<string, unknown>;
const document = parse(readFileSync('openapi.yaml', 'utf8')) as {
  paths: Record<string, Record<string, Node>>;
  components: { schemas: Record<string, Node> };
};
const operations = Object.values(document.paths).flatMap((item) =>
  Object.values(item).filter((operation) => 'operationId' in operation),
);

/** Schemas a request may have that let undeclared attributes pass: definitions, and maps by name of property or so. */
const OPEN = [
  'CollectionInput',
  'IdpEvent',
  'IdpProviderAnswer',
  'InMap',
  'LikeMap',
  'MatchMap',
  'ObjectFields',
  'ObjectFieldsWithId',
  'PropertyInput',
  'RotatedTokens',
  'TokenExchangeRequest',
  'UpdatePropertyRequest',
];

describe('the document', () => {
  test('every operation documents every status it may answer', () => {
    const always = [
      '200',
      '400',
      '401',
      '403',
      '404',
      '405',
      '409',
      '410',
      '413',
      '415',
      '429',
      '500',
      '501',
      '503',
    ];
    for (const operation of operations) {
      const documented = Object.keys(operation.responses as Node);
      const id = String(operation.operationId);
      // The one that is answered in the form of whoever asks.
      const more = [...(operation['x-creates'] ? ['422'] : []), ...(id === 'receiveIdpEvent' ? ['204'] : [])];
      expect({ [id]: documented }).toEqual({ [id]: [...always, ...more].sort() });
    }
  });

  test('every operation is described and has a limit for its body', () => {
    for (const operation of operations) {
      expect(operation).toMatchObject({
        summary: expect.stringMatching(/\w/),
        description: expect.stringMatching(/\.$/),
      });
      expect('x-max-body' in operation).toBe('requestBody' in operation);
    }
  });

  test('every schema says what it describes, except values that the caller’s own schema or function decides', () => {
    const untyped: string[] = [];
    const visit = (schema: Node, place: string): void => {
      const says = ['type', '$ref', 'oneOf', 'anyOf', 'allOf', 'enum', 'const'].some(
        (word) => word in schema,
      );
      if (!says || (schema.type === 'array' && !('items' in schema))) untyped.push(place);
      for (const [name, each] of Object.entries((schema.properties ?? {}) as Record<string, Node>)) {
        visit(each, `${place}.${name}`);
      }
      for (const word of ['items', 'additionalProperties'] as const) {
        if (typeof schema[word] === 'object') visit(schema[word] as Node, `${place} ${word}`);
      }
      for (const word of ['oneOf', 'anyOf', 'allOf'] as const) {
        for (const each of (schema[word] ?? []) as Node[]) visit(each, `${place} ${word}`);
      }
    };
    for (const [name, schema] of Object.entries(document.components.schemas)) visit(schema, name);
    expect(untyped.sort()).toEqual([
      'ActionInput',
      'ActionResult',
      'AnyPayload',
      'InMap additionalProperties items',
    ]);
  });

  test('every object is closed except those that are open on purpose', () => {
    const open = Object.entries(document.components.schemas)
      .filter(([, schema]) => schema.type === 'object' && schema.additionalProperties !== false)
      .map(([name]) => name);
    expect(open.sort()).toEqual(OPEN);
  });
});
