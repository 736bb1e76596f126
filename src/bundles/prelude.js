// @ts-check
/**
 * Runs inside QuickJS before the bundle does. It takes what it needs of the built-in objects while they are still the built-in ones, sets up
 * what a bundle may see, and gives the thread a handful of functions that the bundle cannot reach. Whatever crosses is text.
 *
 * Equal values must have equal normal forms, so validators and normalizers have neither clock nor chance; transformers and actions see the time
 * their request came in. The source of this function is evaluated: it must not use anything from outside itself.
 *
 * @param {(op: string, id: number, json: string) => void} send
 */
export function prelude(send) {
  'use strict';
  const { parse, stringify } = JSON;
  const { apply, construct } = Reflect;
  const { create, keys } = Object;
  const { isArray } = Array;
  const { then } = Promise.prototype;
  const RealDate = Date;
  const RealPromise = Promise;
  const RealError = Error;
  const RealTypeError = TypeError;
  const dateToString = RealDate.prototype.toString;
  const chance = Math.random;
  const scope = /** @type {Record<string, any>} */ (globalThis);

  /** @type {number | null} */
  let now = null;
  const clock = () => {
    if (now === null) throw new RealTypeError('There is no clock here.');
    return now;
  };
  /** @this {unknown} @param {unknown[]} parts */
  function StillDate(...parts) {
    if (!new.target) return apply(dateToString, new RealDate(clock()), []);
    return construct(RealDate, parts.length === 0 ? [clock()] : parts, new.target);
  }
  StillDate.prototype = RealDate.prototype;
  RealDate.prototype.constructor = /** @type {any} */ (StillDate);
  StillDate.now = clock;
  StillDate.parse = RealDate.parse;
  StillDate.UTC = RealDate.UTC;
  Object.defineProperty(StillDate, 'name', { value: 'Date' });
  scope.Date = StillDate;
  Math.random = () => {
    throw new RealTypeError('There is no chance here.');
  };
  for (const name of ['performance', 'SharedArrayBuffer', 'Atomics']) delete scope[name];
  const silent = () => undefined;
  scope.console = { log: silent, info: silent, warn: silent, error: silent, debug: silent };
  scope.exports = {};
  scope.module = { exports: scope.exports };
  const given = scope.exports;

  /** Found when the bundle was loaded: what it does to its exports later changes nothing. */
  const handlers = create(null);

  /** @type {Record<number, { done: (value: unknown) => void, fail: (error: unknown) => void }>} */
  const waiting = create(null);
  let asked = 0;
  /** @param {string} op @param {unknown} input @returns {Promise<any>} */
  const ask = (op, input) =>
    new RealPromise((done, fail) => {
      const json = stringify(input);
      if (typeof json !== 'string') throw new RealTypeError('The argument is not JSON.');
      asked += 1;
      waiting[asked] = { done, fail };
      send(op, asked, json);
    });

  let state = 'pending';
  /** @type {string | null} */
  let result = null;

  /** @param {unknown} value */
  const write = (value) => {
    const text = stringify(value);
    return typeof text === 'string' ? text : null;
  };

  return {
    /** What the bundle exports, as JSON. */
    load() {
      const all = scope.exports !== given ? scope.exports : scope.module.exports;
      const found = [];
      const names = keys(all);
      for (let i = 0; i < names.length; i += 1) {
        const name = /** @type {string} */ (names[i]);
        if (name === '__esModule') continue;
        const { type, handler, description, dependencies } = all[name];
        if (typeof handler === 'function') handlers[name] = handler;
        const properties =
          dependencies === undefined || dependencies === null ? undefined : dependencies.properties;
        found[found.length] = {
          name,
          type,
          callable: typeof handler === 'function',
          description,
          properties: isArray(properties) ? properties : properties === undefined ? undefined : 'wrong',
        };
      }
      return write(found);
    },
    /** @param {number | null} time */
    setTime(time) {
      now = time;
    },
    /** Calls a function with arguments that come as a JSON array; the result is JSON, or null for what has none. @param {string} name @param {string} args */
    call(name, args) {
      return write(apply(handlers[name], undefined, parse(args)));
    },
    /** Starts an action: the same with what only actions have. @param {string} name @param {string} input */
    start(name, input) {
      Math.random = chance;
      const vault = {
        deref: (/** @type {unknown} */ ids) => ask('deref', ids),
        crypto: { decrypt: (/** @type {unknown} */ request) => ask('decrypt', request) },
      };
      scope.fetch = (/** @type {unknown} */ url, /** @type {any} */ options = {}) =>
        ask('fetch', {
          url: `${url}`,
          method: options.method,
          headers: options.headers,
          body: options.body,
        }).then((answer) => ({
          ok: answer.status >= 200 && answer.status < 300,
          status: answer.status,
          headers: answer.headers,
          text: async () => answer.body,
          json: async () => parse(answer.body),
        }));
      const running = new RealPromise((done) => {
        done(apply(handlers[name], undefined, [{ ...parse(input), vault }]));
      });
      apply(then, running, [
        (/** @type {unknown} */ value) => {
          result = write(value);
          state = 'done';
        },
        () => {
          state = 'failed';
        },
      ]);
    },
    /** @param {number} id @param {boolean} ok @param {string} json */
    answer(id, ok, json) {
      const asking = waiting[id];
      delete waiting[id];
      if (!asking) return;
      if (ok) asking.done(parse(json));
      else asking.fail(new RealError(json));
    },
    state: () => state,
    result: () => result,
  };
}
