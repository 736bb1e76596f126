import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request and its answer as they went over the wire; bodies parsed where they are JSON. */
export interface Exchange {
  /** Whose API key it carried. */
  readonly from: string;
  readonly method: string;
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly received: unknown;
}

const FORWARDED = ['authorization', 'content-type', 'idempotency-key'];

/** Passes requests on to the vault and keeps what went past, so that the demo shows the wire and not what it believes it sent. */
export class Wiretap {
  readonly #vaultUrl: string;
  readonly #server: Server;
  readonly #names = new Map<string, string>();
  readonly #heard: Exchange[] = [];

  private constructor(vaultUrl: string) {
    this.#vaultUrl = vaultUrl;
    this.#server = createServer((request, response) => void this.#pass(request, response));
  }

  static async open(vaultUrl: string): Promise<Wiretap> {
    const tap = new Wiretap(vaultUrl);
    await new Promise<void>((resolve) => tap.#server.listen(0, '127.0.0.1', resolve));
    return tap;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Says whose key this is. */
  know(key: string, name: string): void {
    this.#names.set(`Bearer ${key}`, name);
  }

  /** What went past since the last time. */
  take(): Exchange[] {
    return this.#heard.splice(0);
  }

  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { method = 'GET', url: path = '/' } = request;
      const sent = await textOf(request);
      const headers = FORWARDED.flatMap((name) => {
        const value = request.headers[name];
        return typeof value === 'string' ? [[name, value] as [string, string]] : [];
      });
      const answer = await fetch(this.#vaultUrl + path, { method, headers, body: sent === '' ? null : sent });
      const received = await answer.text();

      const from = this.#names.get(request.headers.authorization ?? '') ?? 'somebody';
      const { status } = answer;
      this.#heard.push({ from, method, path, sent: read(sent), status, received: read(received) });
      response.writeHead(status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
      response.end(received);
    } catch {
      response.destroy();
    }
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** JSON as what it says, other text as it is, nothing as undefined. */
function read(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
