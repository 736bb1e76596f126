import type { Answer, Sent, TestVault } from './vault.js';

/** A bundle with a function of each kind, declared in no particular order. */
export const SAMPLE = `
exports.mask = { type: 'transformer', description: 'Stars.', handler: (context, object, value) => '*'.repeat(value.length) };
exports.compact = { type: 'transformer', handler: (context, object, value) => value.replaceAll('-', '') };
exports.with_spaces = { type: 'transformer', handler: (context, object, value) => value.replaceAll('-', ' ') };
exports.greeting = {
  type: 'transformer',
  dependencies: { properties: ['name', 'nick*'] },
  handler: (context, object, value) => ({ context, object, value }),
};
exports.is_code = { type: 'validator', handler: (value) => typeof value === 'string' && /^[a-z]{2}-?[0-9]{4}$/i.test(value) };
exports.to_code = { type: 'normalizer', handler: (value) => value.toUpperCase().replace(/^(..)-?/, '$1-') };
exports.echo = { type: 'action', handler: ({ vault, ...given }) => given };
`;

export const base64 = (code: string): string => Buffer.from(code, 'utf8').toString('base64');

/** Adds a bundle; `sample` with the functions above unless told otherwise. */
export async function addBundle(vault: TestVault, name = 'sample', code = SAMPLE): Promise<Answer> {
  return expectOk(await vault.send('POST', '/ctl/bundles', { json: { name, code: base64(code) } }));
}

/** Adds a data type. */
export async function addType(vault: TestVault, json: object, sent: Sent = {}): Promise<Answer> {
  return expectOk(await vault.send('POST', '/ctl/types', { json, ...sent }));
}

/** Adds an action. */
export async function addAction(vault: TestVault, json: object): Promise<Answer> {
  return expectOk(await vault.send('POST', '/ctl/actions', { json }));
}

/** A type whose values look like `AB-1234`. */
export const CODE_TYPE = {
  name: 'CODE',
  base_type_name: 'STRING',
  validator: 'sample.is_code',
  normalizer: 'sample.to_code',
  transformers: ['sample.compact', 'sample.greeting', 'sample.mask'],
};

function expectOk(answer: Answer): Answer {
  if (answer.status !== 200) throw new Error(`expected 200, got ${answer.status}: ${answer.text}`);
  return answer;
}
