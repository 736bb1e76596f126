import { VaultError } from '../errors.js';
import { LIMITS } from './limits.js';
import { Thread } from './thread.js';

/** What an action can ask of the vault. Each takes and returns JSON; what it throws the action sees as an error with the code alone. */
export interface ActionHost {
  readonly deref: (input: unknown) => Promise<unknown>;
  readonly decrypt: (input: unknown) => Promise<unknown>;
  readonly fetch: (input: unknown) => Promise<unknown>;
}

export interface Run {
  readonly code: string;
  readonly name: string;
  /** What the function gets besides `vault`. */
  readonly input: unknown;
  readonly now: Date;
}

type FromThread =
  | { readonly kind: 'done'; readonly json: string | null }
  | { readonly kind: 'fault'; readonly fault: 'failed' | 'limit' }
  | { readonly kind: 'ask'; readonly op: string; readonly id: number; readonly json: string };

let running = 0;

/**
 * Runs an action in a thread of its own, which ends with it, and returns what its function returned; null where that is not JSON. Throws PV9052
 * where it throws or waits for what cannot come, PV9053 after `limitMs`, PV9018 where too many actions are running.
 */
export async function runAction(
  run: Run,
  host: ActionHost,
  limitMs: number = LIMITS.actionMs,
): Promise<unknown> {
  if (running >= LIMITS.actionsAtATime) throw new VaultError('PV9018');
  running += 1;
  const thread = new Thread();
  try {
    return await outcomeOf(thread, run, host, limitMs);
  } finally {
    running -= 1;
    thread.end();
  }
}

function outcomeOf(thread: Thread, run: Run, host: ActionHost, limitMs: number): Promise<unknown> {
  return new Promise((done, fail) => {
    let [asking, asked] = [0, 0];
    const late = setTimeout(() => fail(new VaultError('PV9053')), limitMs);
    const settle = (finish: () => void): void => {
      clearTimeout(late);
      finish();
    };

    thread.port.on('close', () => settle(() => fail(new VaultError('PV9053'))));
    thread.port.on('message', (message: FromThread) => {
      if (message.kind === 'done') {
        settle(() => done(message.json === null ? null : JSON.parse(message.json)));
      } else if (message.kind === 'fault') {
        settle(() => fail(new VaultError(message.fault === 'failed' ? 'PV9052' : 'PV9053')));
      } else {
        asking += 1;
        asked += 1;
        const tooMuch = asking > LIMITS.asksAtATime || asked > LIMITS.asksAltogether;
        void answer(tooMuch ? null : host, message.op, message.json).then((reply) => {
          asking -= 1;
          if (!thread.dead) thread.port.postMessage({ kind: 'answer', id: message.id, ...reply });
        });
      }
    });
    thread.port.postMessage({
      kind: 'act',
      code: run.code,
      loadMs: LIMITS.loadMs,
      limitMs,
      name: run.name,
      input: JSON.stringify(run.input),
      now: run.now.getTime(),
    });
  });
}

/** The answer to one question; a null host stands for one question too many. */
async function answer(
  host: ActionHost | null,
  op: string,
  json: string,
): Promise<{ ok: boolean; json: string }> {
  try {
    if (!host) throw new VaultError('PV9007');
    const asked = Object.hasOwn(host, op) ? host[op as keyof ActionHost] : undefined;
    if (!asked) throw new VaultError('PV9052');
    return { ok: true, json: JSON.stringify(await asked(JSON.parse(json))) };
  } catch (error) {
    return { ok: false, json: error instanceof VaultError ? error.code : 'PV1000' };
  }
}
