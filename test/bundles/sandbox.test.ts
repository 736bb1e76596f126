import { runAction } from '../../src/bundles/run-action.js';
import { Sandbox } from '../../src/bundles/sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.close());

/** A bundle with one function `f`. */
const only = (handler: string, before = ''): { name: string; code: string } => ({
  name: 'b',
  code: `${before}\nexports.f = { type: 'transformer', handler: ${handler} };`,
});

/** What one call of `f` comes to: its result, or the code of the error. */
function run(bundle: { name: string; code: string }, args: unknown[] = [], now: Date | null = null): unknown {
  const session = sandbox.session();
  try {
    return session.call(bundle, 'f', args, now);
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  } finally {
    session.end();
  }
}
const value = (expression: string): unknown => run(only(`() => (${expression})`));

describe('a function', () => {
  test('gets its arguments and returns JSON', () => {
    expect(run(only('(a, b) => ({ sum: a + b.n, list: [a, null] })'), [1, { n: 2 }])).toEqual({
      sum: 3,
      list: [1, null],
    });
  });

  test.each([
    ['undefined', undefined],
    ['() => 1', undefined],
    ['null', null],
    ['NaN', null],
    ['new Date(0)', '1970-01-01T00:00:00.000Z'],
    ['"\\ud83d\\ude00"', '😀'],
  ])('that returns %s gives %j', (expression, expected) => expect(value(expression)).toEqual(expected));

  test.each([
    'exports.f = { type: "transformer", handler: () => 7 };',
    'exports = { f: { type: "transformer", handler: () => 7 } };',
    'module.exports = { f: { type: "transformer", handler: () => 7 } };',
    '"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); exports.f = void 0; exports.f = { type: "transformer", handler: () => 7 };',
  ])('is found whichever way the script exports it: %s', (code) => expect(run({ name: 'b', code })).toBe(7));

  test('sees the time of the request where it may, and standing still', () => {
    const now = new Date('2026-01-02T03:04:05.678Z');
    const bundle = only('() => [Date.now(), new Date().toISOString(), new Date(0).getTime(), typeof Date()]');
    expect(run(bundle, [], now)).toEqual([now.getTime(), now.toISOString(), 0, 'string']);
  });

  test.each(['Date.now()', 'new Date()', 'Date()', 'new Date(0).constructor.now()', 'Math.random()'])(
    'has neither clock nor chance where equal values must give equal results: %s',
    (expression) => expect(value(expression)).toBe('PV9052'),
  );
});

describe('nothing is kept', () => {
  const counter = only('() => ++count', 'let count = 0;');

  test('from one request to another', () => {
    expect([run(counter), run(counter)]).toEqual([1, 1]);
    const poison = only('() => { Array.prototype.map = () => "poisoned"; globalThis.kept = 1; return 1; }');
    expect(run(poison)).toBe(1);
    expect(value('[[1].map((x) => x), typeof kept]')).toEqual([[1], 'undefined']);
  });

  test('between requests whose calls take turns', () => {
    const [a, b] = [sandbox.session(), sandbox.session()];
    const seen = [a, b, a, b].map((session) => session.call(counter, 'f', [], null));
    expect(seen).toEqual([1, 1, 2, 2]);
    a.end();
    b.end();
  });

  test('by more requests at once than realms are kept for', () => {
    const sessions = Array.from({ length: 20 }, () => sandbox.session());
    for (const session of sessions) expect(session.call(counter, 'f', [], null)).toBe(1);
    for (const session of sessions) session.end();
  });
});

describe('a bundle that', () => {
  afterEach(() => {
    // Whatever it was: the next one works.
    expect(value('1 + 1')).toBe(2);
  });

  test.each([
    ['loops', '() => { for (;;); }', 'PV9053'],
    ['loops past a catch', '() => { for (;;) try { for (;;); } catch {} finally { for (;;); } }', 'PV9053'],
    ['loops in a regular expression', '() => /(a+)+$/.exec("a".repeat(40) + "b")', 'PV9053'],
    ['loops inside the engine', '() => [].indexOf.call({ length: 2 ** 53 - 1 }, 1)', 'PV9053'],
    ['loops in a getter of its result', '() => ({ get a() { for (;;); } })', 'PV9053'],
    ['recurses', '() => { const f = () => f() + 1; return f(); }', 'PV9052'],
    ['returns what refers to itself', '() => { const a = {}; a.a = a; return a; }', 'PV9052'],
    ['throws', '() => { throw new Error("secret 123-12-1234"); }', 'PV9052'],
    [
      'throws what throws',
      '() => { throw { get message() { throw 1; }, toString() { throw 2; } }; }',
      'PV9052',
    ],
    ['throws a proxy', '() => { throw new Proxy({}, { get() { for (;;); } }); }', 'PV9052'],
    ['returns a throwing getter', '() => ({ get a() { throw 1; } })', 'PV9052'],
    ['returns a throwing proxy', '() => new Proxy({}, { ownKeys() { throw 1; } })', 'PV9052'],
    ['returns a throwing toJSON', '() => ({ toJSON() { throw 1; } })', 'PV9052'],
    ['makes a huge string', '() => "x".repeat(2 ** 29)', 'PV9052'],
    ['returns a large string', '() => "x".repeat(2 ** 20 + 1)', 'PV9052'],
    ['is asked for what it does not export', 'undefined', 'PV9052'],
  ])('%s is ended', (_, handler, code) => expect(run(only(handler))).toBe(code));

  test.each([
    ['allocates', '() => { const a = []; for (;;) a.push("x".repeat(1e5) + a.length); }'],
    ['allocates buffers', '() => { const a = []; for (;;) a.push(new ArrayBuffer(1e6)); }'],
    ['nests deeply', '() => JSON.parse("[".repeat(1e6))'],
    [
      'returns what is nested deeply',
      '() => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a; }',
    ],
    ['makes a huge number', '() => String(3n ** 10000000n)'],
    ['grows a BigInt', '() => { let a = 3n; for (;;) a *= a; }'],
  ])('%s is ended', (_, handler) => expect(run(only(handler))).toMatch(/^PV905[23]$/));

  test('does not end while it is loaded is ended', () => {
    expect(run(only('() => 1', 'for (;;);'))).toBe('PV9053');
    expect(() => sandbox.inspect('for (;;);')).toThrow(expect.objectContaining({ code: 'PV9053' }));
    expect(() => sandbox.inspect('syntax error')).toThrow(expect.objectContaining({ code: 'PV9052' }));
  });

  test('calls again and again gets a second a request', () => {
    const session = sandbox.session();
    const busy = only('() => { for (let i = 0; i < 2e5; i++); return 1; }');
    const calls = (): void => {
      for (let i = 0; i < 10_000; i += 1) session.call(busy, 'f', [], null);
    };
    expect(calls).toThrow(expect.objectContaining({ code: 'PV9053' }));
    session.end();
  });

  test.each([
    'this.constructor.constructor("return process")()',
    '(() => {}).constructor("return process")()',
    'process.env',
    'require("fs")',
    'globalThis.process.exit()',
    'new Worker("")',
    'WebAssembly.compile',
    'setTimeout(() => {}, 0)',
    'fetch("https://example.com")',
  ])('reaches outside finds nothing there: %s', (expression) => expect(value(expression)).toBe('PV9052'));

  test.each([
    ['typeof SharedArrayBuffer + typeof Atomics + typeof performance', 'undefinedundefinedundefined'],
    ['console.log("x")', undefined],
    ['import("fs").then(() => 1)', {}],
    ['import("node:fs")', {}],
    ['typeof std + typeof os + typeof print', 'undefinedundefinedundefined'],
  ])('looks for what engines offer: %s', (expression, expected) =>
    expect(value(expression)).toEqual(expected),
  );

  test('never settles what it promises has no result', () => {
    expect(run(only('() => new Promise(() => {})'))).toEqual({});
    expect(run(only('async () => "value"'))).toEqual({});
  });

  test('returns __proto__ changes no prototype', () => {
    const result = run(only('() => JSON.parse(\'{"__proto__": {"polluted": 1}}\')')) as object;
    expect(Object.keys(result)).toEqual(['__proto__']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((result as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('changes its exports when called changes nothing', () => {
    const turncoat = only(
      '() => { if (exports.f) exports.f.handler = () => "other"; exports = {}; module.exports = {}; return "same"; }',
    );
    const session = sandbox.session();
    const seen = [1, 2].map(() => session.call(turncoat, 'f', [], null));
    expect(seen).toEqual(['same', 'same']);
    session.end();
  });

  test('breaks what the vault itself uses inside gains nothing', () => {
    const breaker = only(
      '() => "fine"',
      `JSON.stringify = JSON.parse = Reflect.apply = Object.keys = () => { throw 1; };
       Object.defineProperty(Object.prototype, 'handler', { get() { return 1; }, set() {} });
       Object.prototype.toJSON = undefined;`,
    );
    expect(run(breaker)).toBe('fine');
  });
});

test('what a bundle exports is found without calling it', () => {
  const code = `exports.a = { type: 'validator', handler: () => { for (;;); }, description: 'd', dependencies: { properties: ['x', 'y*'] } };`;
  expect(sandbox.inspect(code)).toEqual([
    { name: 'a', type: 'validator', callable: true, description: 'd', properties: ['x', 'y*'] },
  ]);
});

describe('an action is ended when its time is over, which', () => {
  const host = { deref: never, decrypt: never, fetch: never };
  async function never(): Promise<never> {
    throw new Error('nobody asked for this');
  }

  test.each([
    ['loops', '() => { for (;;); }'],
    [
      'stays in native code that asks nobody whether to go on',
      '() => [].indexOf.call({ length: 2 ** 53 - 1 }, 1)',
    ],
    ['comes back to itself for ever', 'async () => { for (;;) await null; }'],
  ])('%s', async (_, handler) => {
    const code = `exports.f = { type: 'action', handler: ${handler} };`;
    const run = runAction({ code, name: 'f', input: {}, now: new Date() }, host, 300);
    await expect(run).rejects.toMatchObject({ code: 'PV9053' });
  });
});
