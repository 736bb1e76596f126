import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { VaultError } from '../errors.js';
import {
  BytesAnswer,
  EmptyAnswer,
  type FailureAnswer,
  StreamAnswer,
  TextAnswer,
} from '../operations/operation.js';
import { presentError } from '../operations/present-error.js';

const JSON_TYPE = 'application/json; charset=utf-8';
const BYTES_TYPE = 'application/octet-stream';
/** Seconds after which a caller who was turned away may try again, where nothing better is known. */
const RETRY_AFTER = '1';

/**
 * Answers 200: JSON, text, bytes, or an empty body without a content type, which clients would try to parse; or 204. Only one that is made while it is sent takes time, and throws what its making throws.
 */
export function sendAnswer(res: Response, answer: unknown): void | Promise<void> {
  if (answer instanceof StreamAnswer) return sendStream(res, answer);
  if (answer instanceof EmptyAnswer) return sendNothing(res);
  res.statusCode = 200;
  if (answer === undefined) return end(res, null, '');
  if (answer instanceof TextAnswer) return end(res, answer.contentType, answer.text);
  if (answer instanceof BytesAnswer) return end(res, BYTES_TYPE, answer.bytes);
  end(res, JSON_TYPE, JSON.stringify(answer));
}

/** Answers 204, which has neither type nor length. */
function sendNothing(res: Response): void {
  res.statusCode = 204;
  res.end();
}

/** Answers a failure in the form that its caller understands. */
export function sendFailure(res: Response, { status, body }: FailureAnswer): void {
  if (res.headersSent) return void res.destroy();
  if (body === null) return sendNothing(res);
  setStatus(res, status);
  end(res, JSON_TYPE, JSON.stringify(body));
}

/** Sends pieces as fast as the caller takes them. A caller that goes away ends it, which is no error. */
async function sendStream(res: Response, { contentType, chunks }: StreamAnswer): Promise<void> {
  const pieces = chunks[Symbol.asyncIterator]();
  // Nothing was sent yet: what fails here is answered as any error is.
  const first = await pieces.next();
  let broken: Error | undefined;
  async function* all(): AsyncGenerator<Buffer> {
    if (first.done) return;
    yield first.value;
    try {
      yield* { [Symbol.asyncIterator]: () => pieces };
    } catch (error) {
      broken = error as Error;
      throw error;
    }
  }
  res.statusCode = 200;
  res.setHeader('Content-Type', contentType);
  await pipeline(all, res).catch(() => {
    if (broken !== undefined) throw broken;
  });
}

/** Answers an error as api.md 2.1 has it. */
export function sendError(res: Response, error: VaultError): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  setStatus(res, error.status);
  end(res, JSON_TYPE, JSON.stringify(presentError(error)));
}

function setStatus(res: Response, status: number): void {
  res.statusCode = status;
  if (status === 401) res.setHeader('WWW-Authenticate', 'Bearer');
  if ((status === 429 || status === 503) && !res.hasHeader('Retry-After')) {
    res.setHeader('Retry-After', RETRY_AFTER);
  }
}

/** Sends a whole body. Express's `send` would add an ETag and a charset of its own. */
export function end(res: Response, contentType: string | null, body: string | Buffer): void {
  if (contentType !== null) res.setHeader('Content-Type', contentType);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}
