// @ts-check
import { workerData } from 'node:worker_threads';
import { Fault, Realm } from './realm.js';

/**
 * The thread in which bundles run. Main asks through one port; where main waits for the answer (`inspect`, `call`), the counter in the shared
 * memory says that it is there. Whatever goes wrong besides a bundle's own fault ends the thread: main starts another.
 *
 * @typedef {{ kind: 'inspect', code: string, limitMs: number }} Inspect
 * @typedef {{ kind: 'call', session: number, bundle: string, code: string, loadMs: number, limitMs: number, name: string, args: string,
 *   now: number | null }} Call
 * @typedef {{ kind: 'end', session: number }} End
 * @typedef {{ kind: 'act', code: string, loadMs: number, limitMs: number, name: string, input: string, now: number }} Act
 * @typedef {{ kind: 'answer', id: number, ok: boolean, json: string }} Answer
 */

/** Realms kept between the calls of requests that are under way at the same time. */
const MOST_REALMS = 8;

const { port, signal } =
  /** @type {{ port: import('node:worker_threads').MessagePort, signal: Int32Array }} */ (workerData);

/** @type {Map<string, { session: number, realm: Realm }>} */
const realms = new Map();

/** @param {Call} call */
function realmFor({ session, bundle, code, loadMs }) {
  const key = `${session} ${bundle}`;
  const known = realms.get(key);
  if (known) {
    realms.delete(key);
    realms.set(key, known);
    return known.realm;
  }
  const realm = new Realm(code, loadMs);
  realms.set(key, { session, realm });
  const oldest = realms.entries().next().value;
  if (realms.size > MOST_REALMS && oldest) drop(oldest[0]);
  return realm;
}

/** @param {string} key */
function drop(key) {
  const kept = realms.get(key);
  realms.delete(key);
  kept?.realm.dispose();
}

/** @param {number} session */
function endSession(session) {
  for (const [key, kept] of [...realms]) if (kept.session === session) drop(key);
}

/** @param {Inspect} inspect */
function inspect({ code, limitMs }) {
  const realm = new Realm(code, limitMs);
  const { exports } = realm;
  realm.dispose();
  return exports;
}

/** @param {Call} call */
function runCall(call) {
  try {
    return realmFor(call).call(call.name, call.args, call.now, call.limitMs);
  } catch (error) {
    // What was interrupted in the middle may be in any state.
    if (error instanceof Fault) drop(`${call.session} ${call.bundle}`);
    throw error;
  }
}

/** Runs `work` and posts what became of it. @param {() => string | null} work */
function reply(work) {
  try {
    port.postMessage({ ok: true, json: work() });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    port.postMessage({ ok: false, fault: error.kind });
  } finally {
    Atomics.add(signal, 0, 1);
    Atomics.notify(signal, 0);
  }
}

/** @type {Realm | null} */
let acting = null;
let asking = 0;

/** @param {() => void} step */
function act(step) {
  try {
    step();
    const realm = /** @type {Realm} */ (acting);
    const { state } = realm;
    if (state === 'done') port.postMessage({ kind: 'done', json: realm.result });
    // Nobody is left who could settle what it waits for.
    else if (state === 'failed' || asking === 0) throw new Fault('failed');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    port.postMessage({ kind: 'fault', fault: error.kind });
  }
}

port.on('message', (/** @type {Inspect | Call | End | Act | Answer} */ message) => {
  switch (message.kind) {
    case 'inspect':
      return reply(() => inspect(message));
    case 'call':
      return reply(() => runCall(message));
    case 'end':
      return endSession(message.session);
    case 'act':
      return act(() => {
        acting = new Realm(message.code, message.loadMs, (op, id, json) => {
          asking += 1;
          port.postMessage({ kind: 'ask', op, id, json });
        });
        acting.start(message.name, message.input, message.now, message.limitMs);
      });
    case 'answer':
      asking -= 1;
      return act(() => acting?.answer(message.id, message.ok, message.json));
  }
});

Atomics.add(signal, 0, 1);
Atomics.notify(signal, 0);
