/**
 * The baseline: what a team would write with the same parts and nothing of what a vault is for. Express, helmet, a rate limit, a request
 * log line and one prepared statement (bare-statements.mjs). As `bare_audited` the same statement also inserts a row into an audit table, as `bare_pgcrypto` PostgreSQL
 * encrypts and decrypts with the key that each statement is given.
 */
import { randomUUID } from 'node:crypto';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import pg from 'pg';
import winston from 'winston';
import { statementsOf } from './bare-statements.mjs';
import { PROPERTIES } from './people.mjs';

const { DATABASE_URL, PORT, POOL_SIZE, STYLE, ENCRYPTION_KEY } = process.env;
const audited = STYLE === 'bare_audited';
const statements = statementsOf(/** @type {import('./bare-statements.mjs').Style} */ (STYLE));

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL_SIZE), keepAlive: true });
pool.on('error', () => undefined);

const log = winston.createLogger({
  format: winston.format.combine(winston.format.timestamp({ alias: 'time' }), winston.format.json()),
  defaultMeta: { product: 'bare' },
  transports: [new winston.transports.Stream({ stream: process.stdout })],
});

const app = express();
app.disable('x-powered-by').set('etag', false);
app.use(logRequests);
app.use(
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: false,
  }),
);
app.use(
  rateLimit({
    windowMs: 60_000,
    limit: 10_000_000,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    validate: false,
  }),
);

app.get('/health', (_req, res) => void res.json({}));

const detokenize = statement('detokenize', statements.detokenize);
app.get('/tokens/:id', async (req, res) => {
  const { rows } = await run(detokenize, [req.params.id], req.params.id, 'detokenize');
  res.json([{ token_id: req.params.id, fields: rows[0] }]);
});

const getObject = statement('get_object', statements.getObject);
app.get('/objects/:id', async (req, res) => {
  const { rows } = await run(getObject, [req.params.id], req.params.id, 'get_object');
  res.json(rows[0]);
});

const tokenize = statement('tokenize', statements.tokenize);
app.post('/tokens', express.json(), async (req, res) => {
  const id = randomUUID();
  await run(tokenize, [id, req.body.object_id, req.body.name, req.body.ssn], id, 'tokenize');
  res.json([{ token_id: id }]);
});

const addObject = statement('add_object', statements.addObject);
app.post('/objects', express.json(), async (req, res) => {
  const id = randomUUID();
  await run(addObject, [id, ...PROPERTIES.map((name) => req.body[name])], id, 'add_object');
  res.json({ id });
});

app.listen(Number(PORT), '127.0.0.1');

/**
 * @param {string} name
 * @param {import('./bare-statements.mjs').BareStatement} given
 */
function statement(name, { text, parameters }) {
  if (!audited) return { name, text };
  const row = [1, 2, 3, 4, 5].map((nth) => `$${parameters + nth}`).join(', ');
  const audit = `insert into bare_audit (at, request_id, client, operation, subject) values (${row})`;
  // A select goes last, or its rows would be lost; of two inserts the order does not matter.
  return {
    name,
    text: text.startsWith('select') ? `with audit as (${audit}) ${text}` : `with work as (${text}) ${audit}`,
  };
}

/**
 * @param {{ name: string, text: string }} prepared
 * @param {unknown[]} values
 * @param {string} subject
 * @param {string} operation
 */
function run(prepared, values, subject, operation) {
  const audit = audited ? [new Date(), randomUUID(), 'app', operation, subject] : [];
  const key = ENCRYPTION_KEY === undefined ? [] : [ENCRYPTION_KEY];
  return pool.query({ ...prepared, values: [...values, ...key, ...audit] });
}

/** @type {import('express').RequestHandler} */
function logRequests(req, res, next) {
  const started = performance.now();
  const requestId = randomUUID();
  res.setHeader('X-Request-Id', requestId);
  res.on('close', () => {
    log.log({
      level: 'info',
      message: 'request',
      method: req.method,
      path: req.route?.path,
      status_code: res.statusCode,
      duration: Math.round((performance.now() - started) * 1_000) / 1_000,
      request_id: requestId,
    });
  });
  next();
}
