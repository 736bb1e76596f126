import { type AddressInfo, type Socket, createServer } from 'node:net';
import pg from 'pg';

/** A pooler on loopback before a real server. */
export interface Pooler {
  url: string;
  close(): Promise<void>;
}

/** Every connection of a client gets this process id, which is none of the server's. */
const MADE_UP_PID = 7;
const LENGTH_BYTES = 4;
/** Client and server messages but the first begin with a byte that names their kind. */
const HEAD_BYTES = 1 + LENGTH_BYTES;

/**
 * Hands the sessions of a server to its clients, for a transaction each or for as long as a client is there, and knows enough of the protocol for statements without
 * parameters. As other poolers do, it takes the session that was used last.
 */
export async function startPooler(databaseUrl: string, hands: 'transaction' | 'session'): Promise<Pooler> {
  const free: pg.Client[] = [];
  const all: pg.Client[] = [];
  const clients = new Set<Socket>();

  const take = async (): Promise<pg.Client> => {
    const one = free.pop();
    if (one) return one;
    const server = new pg.Client({ connectionString: databaseUrl });
    server.on('error', () => undefined);
    all.push(server);
    await server.connect();
    // From here on its bytes are the client's.
    streamOf(server).removeAllListeners('data');
    return server;
  };

  const proxy = createServer((client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client)).on('error', () => undefined);
    client.once('data', () => {
      client.write(GREETING);
      let server: Promise<pg.Client> | undefined;
      client.on('data', (bytes) => {
        if (bytes[0] === 'X'.charCodeAt(0)) return client.end();
        server ??= take().then((taken) => {
          streamOf(taken).on('data', (answer: Buffer) => {
            client.write(answer);
            if (hands === 'session' || !endsTransaction(answer)) return;
            server = undefined;
            streamOf(taken).removeAllListeners('data');
            free.push(taken);
          });
          return taken;
        });
        void server.then((taken) => streamOf(taken).write(bytes));
      });
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));

  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    url: url.href,
    async close() {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => proxy.close(resolve));
      for (const server of all) streamOf(server).destroy();
    },
  };
}

/** The socket under a client; the types leave it out. */
function streamOf(client: pg.Client): Socket {
  return (client as pg.Client & { readonly connection: { readonly stream: Socket } }).connection.stream;
}

/** Whether the last message says that the server waits for a statement outside a transaction. Answers as small as these come whole. */
function endsTransaction(answer: Buffer): boolean {
  return answer.subarray(-HEAD_BYTES - 1).toString('latin1') === `Z\0\0\0${String.fromCharCode(5)}I`;
}

/** Authenticated, this is your process id and your secret, and we wait for a statement. */
const GREETING = Buffer.concat([
  message('R', Buffer.alloc(4)),
  message('K', Buffer.from([0, 0, 0, MADE_UP_PID, 0, 0, 0, 1])),
  message('Z', Buffer.from('I')),
]);

function message(kind: string, content: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(LENGTH_BYTES + content.length);
  return Buffer.concat([Buffer.from(kind), length, content]);
}
