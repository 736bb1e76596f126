import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads';

const SCRIPT = new URL('./worker.js', import.meta.url);

/** A started thread may have to load and compile the engine on a busy machine. */
const BOOT_MS = 5_000;

/** A thread that runs bundles, and the ways to talk to it. */
export class Thread {
  readonly port: MessagePort;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;
  #dead = false;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.#worker = new Worker(SCRIPT, {
      workerData: { port: port2, signal: this.#signal },
      transferList: [port2],
      env: {},
      // What the engine prints when it gives up must not reach the log.
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
    });
    this.#worker.on('error', () => this.end());
    this.#worker.on('exit', () => this.end());
    // A vault that has closed everything else is not kept alive by an idle thread.
    this.#worker.unref();
    this.port.unref();
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Waits, blocking, until the thread has started. */
  waitUntilReady(): void {
    if (Atomics.load(this.#signal, 0) === 0) Atomics.wait(this.#signal, 0, 0, BOOT_MS);
  }

  /**
   * Posts a message and waits, blocking, for the answer; null where none came within `limitMs` or the thread died, which then is at
   * its end. Only for threads that are ready and nobody listens to.
   */
  ask<Answer>(message: unknown, limitMs: number): Answer | null {
    const seen = Atomics.load(this.#signal, 0);
    if (this.#dead || seen === 0) return this.#giveUp();
    this.port.postMessage(message);
    Atomics.wait(this.#signal, 0, seen, limitMs);
    const received: { message: Answer } | undefined = receiveMessageOnPort(this.port);
    return received ? received.message : this.#giveUp();
  }

  end(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.port.close();
    void this.#worker.terminate();
  }

  #giveUp(): null {
    this.end();
    return null;
  }
}
