// @ts-check
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
import { prelude } from './prelude.js';

/** @typedef {import('quickjs-emscripten-core').QuickJSHandle} Handle */

const MEMORY_BYTES = 16 * 1024 * 1024;
const STACK_BYTES = 256 * 1024;
/** Longest text that leaves a realm, in UTF-16 code units. */
const LONGEST_OUTPUT = 1024 * 1024;
/**
 * A thread that does not get the processor must not look like a loop: a call is cut off when its time is up and it has also come by
 * the interpreter's check so many times, which takes a few milliseconds of computing.
 */
const LEAST_CHECKS = 20;

// The package is CommonJS to the compiler and has its default export both ways.
const engine = await newQuickJSWASMModuleFromVariant(/** @type {any} */ (variant));

/** What a bundle did wrong: it threw or gave nothing usable (`failed`), or took too long (`limit`). Never says what it threw. */
export class Fault extends Error {
  /** @param {'failed' | 'limit'} kind */
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

/**
 * A world of its own in which one bundle is loaded. Throws {@link Fault} where the bundle is to blame. Anything else that is thrown here means
 * that the engine itself is in disorder: then the thread must end.
 */
export class Realm {
  #runtime;
  #context;
  /** @type {Handle} */
  #inside;
  #deadline = Infinity;
  #checks = 0;
  #interrupted = false;
  /** What the bundle exports, as JSON. */
  exports;

  /**
   * @param {string} code
   * @param {number} limitMs for loading
   * @param {(op: string, id: number, json: string) => void} onAsk what an action asks of the vault
   */
  constructor(code, limitMs, onAsk = () => undefined) {
    this.#runtime = engine.newRuntime();
    this.#runtime.setMemoryLimit(MEMORY_BYTES);
    this.#runtime.setMaxStackSize(STACK_BYTES);
    this.#runtime.setInterruptHandler(() => {
      this.#checks += 1;
      this.#interrupted ||= this.#checks >= LEAST_CHECKS && performance.now() > this.#deadline;
      return this.#interrupted;
    });
    this.#context = this.#runtime.newContext();
    const vm = this.#context;

    const send = vm.newFunction('send', (op, id, json) =>
      onAsk(vm.getString(op), vm.getNumber(id), vm.getString(json)),
    );
    const start = this.#value(vm.evalCode(`(${prelude.toString()})`, 'prelude.js'));
    this.#inside = this.#value(vm.callFunction(start, vm.undefined, send));
    start.dispose();
    send.dispose();

    try {
      this.#limit(limitMs);
      this.#value(vm.evalCode(code, 'bundle.js', { type: 'global' })).dispose();
      this.exports = this.#text('load');
    } catch (error) {
      if (error instanceof Fault) this.dispose();
      throw error;
    }
  }

  /**
   * Calls a function; arguments and result are JSON, null stands for a result that is none.
   * @param {string} name
   * @param {string} args
   * @param {number | null} now
   * @param {number} limitMs
   */
  call(name, args, now, limitMs) {
    this.#limit(limitMs);
    this.#setTime(now);
    return this.#text('call', name, args);
  }

  /** @param {string} name @param {string} input @param {number} now @param {number} limitMs */
  start(name, input, now, limitMs) {
    this.#limit(limitMs);
    this.#setTime(now);
    this.#invoke('start', name, input).dispose();
    this.#runJobs();
  }

  /** Gives an action what it asked for: JSON, or where not ok an error code. @param {number} id @param {boolean} ok @param {string} json */
  answer(id, ok, json) {
    const vm = this.#context;
    const [number, flag, text] = [vm.newNumber(id), ok ? vm.true : vm.false, vm.newString(json)];
    const answer = vm.getProp(this.#inside, 'answer');
    const result = vm.callFunction(answer, vm.undefined, number, flag, text);
    for (const handle of [number, text, answer]) handle.dispose();
    this.#value(result).dispose();
    this.#runJobs();
  }

  /** `done`, `failed`, or `pending`. */
  get state() {
    return this.#text('state');
  }

  get result() {
    return this.#text('result');
  }

  dispose() {
    this.#inside.dispose();
    this.#context.dispose();
    this.#runtime.dispose();
  }

  #runJobs() {
    const ran = this.#runtime.executePendingJobs();
    const failed = ran.error !== undefined;
    ran.dispose();
    if (failed) throw new Fault(this.#interrupted ? 'limit' : 'failed');
  }

  /** @param {number} limitMs */
  #limit(limitMs) {
    this.#deadline = performance.now() + limitMs;
    this.#checks = 0;
  }

  /** @param {number | null} now */
  #setTime(now) {
    const vm = this.#context;
    const time = now === null ? vm.null : vm.newNumber(now);
    const setTime = vm.getProp(this.#inside, 'setTime');
    this.#value(vm.callFunction(setTime, vm.undefined, time)).dispose();
    setTime.dispose();
    if (now !== null) time.dispose();
  }

  /** @param {string} name @param {string[]} args @returns {string | null} */
  #text(name, ...args) {
    const vm = this.#context;
    const value = this.#invoke(name, ...args);
    try {
      if (vm.typeof(value) !== 'string') return null;
      const length = vm.getProp(value, 'length');
      const tooLong = vm.getNumber(length) > LONGEST_OUTPUT;
      length.dispose();
      if (tooLong) throw new Fault('failed');
      return vm.getString(value);
    } finally {
      value.dispose();
    }
  }

  /** @param {string} name @param {string[]} args */
  #invoke(name, ...args) {
    const vm = this.#context;
    const method = vm.getProp(this.#inside, name);
    const texts = args.map((arg) => vm.newString(arg));
    const result = vm.callFunction(method, vm.undefined, ...texts);
    for (const handle of [method, ...texts]) handle.dispose();
    return this.#value(result);
  }

  /** @param {import('quickjs-emscripten-core').VmCallResult<Handle>} result */
  #value(result) {
    if (result.error === undefined) return result.value;
    // What was thrown is not looked at: it may hold values, and looking can run code.
    result.error.dispose();
    throw new Fault(this.#interrupted ? 'limit' : 'failed');
  }
}
