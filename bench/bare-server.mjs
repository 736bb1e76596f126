/**
 * The baseline: what a team would write with the same parts and nothing of what a vault is for. Express, helmet, a rate limit, a request
 * log line and one prepared statement; with AUDITED, the same statement also inserts a row into an audit table.
 */
import { randomUUID } from 'node:crypto';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import pg from 'pg';
import winston from 'winston';
import { PROPERTIES, TOKENIZED } from './people.mjs';

const { DATABASE_URL, PORT, POOL_SIZE, AUDITED } = process.env;
const audited = AUDITED === '1';

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

const detokenize = statement(
  'detokenize',
  `select id, ${TOKENIZED.join(', ')} from bare_token where id = $1`,
  1,
);
app.get('/tokens/:id', async (req, res) => {
  const { rows } = await run(detokenize, [req.params.id], req.params.id, 'detokenize');
  const { id, ...fields } = rows[0];
  res.json([{ token_id: id, fields }]);
});

const getObject = statement(
  'get_object',
  `select ${PROPERTIES.join(', ')} from bare_object where id = $1`,
  1,
);
app.get('/objects/:id', async (req, res) => {
  const { rows } = await run(getObject, [req.params.id], req.params.id, 'get_object');
  res.json(rows[0]);
});

const tokenize = statement(
  'tokenize',
  `insert into bare_token (id, object_id, ${TOKENIZED.join(', ')}) values ($1, $2, $3, $4)`,
  4,
);
app.post('/tokens', express.json(), async (req, res) => {
  const id = randomUUID();
  await run(tokenize, [id, req.body.object_id, req.body.name, req.body.ssn], id, 'tokenize');
  res.json([{ token_id: id }]);
});

const addObject = statement(
  'add_object',
  `insert into bare_object (id, ${PROPERTIES.join(', ')}) values ($1, $2, $3, $4, $5, $6)`,
  6,
);
app.post('/objects', express.json(), async (req, res) => {
  const id = randomUUID();
  await run(addObject, [id, ...PROPERTIES.map((name) => req.body[name])], id, 'add_object');
  res.json({ id });
});

app.listen(Number(PORT), '127.0.0.1');

/**
 * @param {string} name
 * @param {string} text
 * @param {number} parameters
 */
function statement(name, text, parameters) {
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
  return pool.query({ ...prepared, values: [...values, ...audit] });
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
