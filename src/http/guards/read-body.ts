import type { IncomingMessage } from 'node:http';
import { VaultError } from '../../errors.js';
import type { ContractOperation } from '../../generated/contract.js';
import type { Exchange } from '../exchange.js';
import { parseForm } from '../parse-form.js';
import { parseJson } from '../parse-json.js';
import { parseText } from '../parse-text.js';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
/** Data types whose values may be as long as a blob. */
const LARGE_TYPES: ReadonlySet<string> = new Set(['BLOB', 'LONG_TEXT', 'JSON']);
/** Bytes past the limit that are read and thrown away so that the caller, who is still sending, gets to see the answer. */
const MOST_DISCARDED = 32 * 1024 * 1024;

/**
 * Reads the body as the operation takes it. Throws PV9014 past the operation's limit, PV9015 for a type or an encoding it does not
 * take, PV1012 for a body that is missing, unexpected or malformed.
 */
export async function readBody(exchange: Exchange): Promise<void> {
  const { req, route } = exchange;
  const { requestBody } = route.operation;
  if (!hasBody(req)) {
    if (requestBody?.required) throw malformed('It is missing.');
    return;
  }
  const type = bodyType(req, route.operation);

  const limit = limitOf(exchange);
  const bytes = await collect(exchange, limit);
  if (bytes.length === 0) {
    if (requestBody?.required) throw malformed('It is missing.');
    return;
  }
  if (type === null) throw malformed('This operation takes none.');
  exchange.contentType = type;
  exchange.rawBody = bytes;
  exchange.body = parse(type, bytes, limit);
}

/** The operation's limit: the larger one only where the collection has values that need it. */
function limitOf({ route, metadata }: Exchange): number {
  const { xMaxBody, xMaxBodyLargeValues } = route.operation;
  if (xMaxBodyLargeValues === xMaxBody) return xMaxBody;
  const properties = metadata.collections.get(route.path.collection ?? '')?.properties ?? [];
  return properties.some(({ baseTypeName }) => LARGE_TYPES.has(baseTypeName))
    ? xMaxBodyLargeValues
    : xMaxBody;
}

function parse(type: string, bytes: Buffer, maxBody: number): unknown {
  if (type === JSON_TYPE) return parseJson(bytes, maxBody);
  if (type === FORM_TYPE) return parseForm(bytes);
  if (type === 'application/octet-stream') return bytes;
  return parseText(bytes);
}

/** Clients put a content type on requests without a body; only the length says whether there is one. */
function hasBody({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return true;
  return headers['content-length'] !== undefined && headers['content-length'] !== '0';
}

/** The one of the operation's types that the body has; null: the operation takes no body. */
function bodyType({ headers }: IncomingMessage, { requestBody }: ContractOperation): string | null {
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    throw new VaultError('PV9015', { field: 'Content-Encoding', reason: 'Bodies must not be compressed.' });
  }
  if (requestBody === null) return null;

  const taken = Object.keys(requestBody.content);
  const [given = '', ...parameters] = (headers['content-type'] ?? taken[0]!).toLowerCase().split(';');
  const type = given.trim();
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='));
  if (!taken.includes(type)) {
    throw new VaultError('PV9015', { field: 'Content-Type', reason: `It must be ${taken.join(' or ')}.` });
  }
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new VaultError('PV9015', { field: 'Content-Type', reason: 'The charset must be UTF-8.' });
  }
  return type;
}

function collect({ req, res }: Exchange, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const tooLarge = (): void => {
      reject(new VaultError('PV9014', { max_bytes: String(limit) }));
    };
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
      } else if (size > limit + MOST_DISCARDED) {
        res.setHeader('Connection', 'close');
        tooLarge();
      } else {
        chunks.length = 0;
      }
    });
    req.on('end', () => {
      if (size > limit) tooLarge();
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    // The connection broke, or the body was not done in time: nobody hears the answer, but the request is recorded.
    req.on('close', () => {
      if (!req.complete) reject(malformed('It ended early.'));
    });
    req.on('error', () => reject(malformed('It ended early.')));
  });
}

function malformed(reason: string): VaultError {
  return new VaultError('PV1012', { field: 'body', reason });
}
