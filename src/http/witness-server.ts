import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { formatVerifierKey } from '../access-log/note.js';
import type { Witness } from '../access-log/witness/witness.js';

/** A proof of 63 hashes and a checkpoint with many signatures. */
const LONGEST_BODY = 65_536;
const MOST_PER_MINUTE = 600;

/** A witness that listens. */
export interface WitnessServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `POST /add-checkpoint` (https://c2sp.org/tlog-witness) and the witness' key at `/`. Rejects where it cannot listen. */
export async function listenAsWitness(
  witness: Witness,
  { host, port }: { host: string; port: number },
): Promise<WitnessServer> {
  const app = express();
  app.disable('x-powered-by').set('etag', false);
  app.use(helmet());
  app.use(rateLimit({ windowMs: 60_000, limit: MOST_PER_MINUTE, validate: false }));
  app.get('/', (_req, res) => void res.type('text').send(`${formatVerifierKey(witness.key)}\n`));
  app.post('/add-checkpoint', express.text({ type: () => true, limit: LONGEST_BODY }), async (req, res) => {
    const body = typeof req.body === 'string' ? req.body : '';
    const answer = await witness.addCheckpoint(body);
    res.status(answer.status).setHeader('Content-Type', answer.contentType).end(answer.body);
  });
  app.use(answerErrors);

  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A body that cannot be read is the caller's fault; anything else, such as a full disk, means that nothing was cosigned. */
const answerErrors: ErrorRequestHandler = (error: { status?: number }, _req, res, _next) => {
  const status = error.status !== undefined && error.status < 500 ? error.status : 503;
  if (status === 503) res.setHeader('Retry-After', '1');
  res.status(status).end();
};
