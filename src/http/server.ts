import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type HttpApp, createHttpApp } from './app.js';
import { MOST_HEADERS } from './guards/start-request.js';
import type { HttpOptions } from './options.js';
import type { TlsOptions } from './tls.js';

/** How long requests that are under way may take to finish when the server stops. */
const DRAIN_MS = 10_000;
const CLOSE_IDLE_EVERY_MS = 50;

/** Slow senders and idle connections cost memory, so each has its end; a thousand ids in a URL must fit (architecture.md D15). */
const SERVER_OPTIONS: http.ServerOptions = {
  maxHeaderSize: 128 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};

export interface ServerOptions extends HttpOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Null: plain HTTP. */
  readonly tls: TlsOptions | null;
}

/** The vault on a socket. */
export class HttpServer {
  readonly #app: HttpApp;
  readonly #server: http.Server;
  readonly #options: ServerOptions;
  #listening = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#app = createHttpApp(options);
    const { handle, messageClasses } = this.#app;
    const serverOptions = { ...SERVER_OPTIONS, ...messageClasses };
    this.#server = options.tls
      ? https.createServer({ ...serverOptions, ...options.tls }, handle)
      : http.createServer(serverOptions, handle);
    this.#server.maxHeadersCount = MOST_HEADERS;
    this.#server.on('clientError', refuseMalformed);
  }

  /** Whether requests are served: after `listen` and before `close`. */
  get ready(): boolean {
    return this.#listening && !this.#app.lifecycle.stopping;
  }

  /** Listens, and resolves with the URL under which the vault is reached. */
  async listen(): Promise<string> {
    const { host, port, tls } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#listening = true;
    const { address, family, port: actual } = this.#server.address() as AddressInfo;
    return `${tls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${actual}`;
  }

  /**
   * Stops taking requests, lets those under way finish for up to ten seconds and makes durable what was still only counted. The access
   * log and the database must be closed after this.
   */
  async close(drainMs = DRAIN_MS): Promise<void> {
    this.#app.lifecycle.stopping = true;
    if (this.#listening) await this.#drain(drainMs);
    await this.#app.close();
  }

  async #drain(drainMs: number): Promise<void> {
    // A connection becomes idle when its answer is out, and is then not to wait for another request.
    const closeIdle = setInterval(() => this.#server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    const giveUp = setTimeout(() => this.#server.closeAllConnections(), drainMs);
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
    });
    clearInterval(closeIdle);
    clearTimeout(giveUp);
    this.#listening = false;
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Answers what is not HTTP with a bare status: nothing in it can be trusted enough to be answered in words. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  // Behind an answer that has begun, a second status line would be taken for part of it.
  const begun =
    (socket as Socket & { _httpMessage?: http.ServerResponse })._httpMessage?.headersSent === true;
  if (error.code === 'ECONNRESET' || !socket.writable || begun) {
    socket.destroy();
    return;
  }
  const status = REFUSALS[error.code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
