import type { RequestHandler, Response } from 'express';

const METHODS = 'GET, POST, PATCH, DELETE';
const HEADERS =
  'authorization, content-type, x-tenant-id, x-trans-param, x-pvault-delegation, idempotency-key, x-pvault-request-id';
const EXPOSED = 'X-Request-Id, Retry-After, RateLimit, RateLimit-Policy';
const PREFLIGHT_SECONDS = '600';

/**
 * CORS for the origins listed, and for no others (api.md 8.4). Credentials in the browser's sense are never allowed: a key is sent by
 * the page itself or not at all.
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const listed = new Set(origins);
  return (req, res, next) => {
    const { origin } = req.headers;
    res.vary('Origin');
    const allowed = origin !== undefined && (listed.has('*') || listed.has(origin));
    if (allowed) {
      res.setHeader('Access-Control-Allow-Origin', listed.has('*') ? '*' : origin);
      res.setHeader('Access-Control-Expose-Headers', EXPOSED);
    }
    const preflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined;
    if (!allowed || !preflight) return next();
    answerPreflight(res, req.headers['access-control-request-private-network'] === 'true');
  };
}

function answerPreflight(res: Response, privateNetwork: boolean): void {
  res.setHeader('Access-Control-Allow-Methods', METHODS);
  res.setHeader('Access-Control-Allow-Headers', HEADERS);
  res.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS);
  if (privateNetwork) res.setHeader('Access-Control-Allow-Private-Network', 'true');
  res.statusCode = 204;
  res.end();
}
