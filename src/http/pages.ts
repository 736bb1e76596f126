import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { VaultError } from '../errors.js';
import { end } from './answers.js';
import type { Page } from './docs-page.js';
import type { Metrics } from './metrics.js';
import type { HttpOptions } from './options.js';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/i;
/** A proxy on this machine makes everybody look like a local caller; these headers give it away. */
const PROXY_HEADERS = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'];

type Serve = (req: Request, res: Response) => void | Promise<void>;

/** The few paths that are no operations: `/`, `/docs`, `/openapi.yaml` and `/metrics`. Everything else goes on to the operations. */
export function servePages(
  { openapi, servesDocs, consoleFiles, metricsToken }: HttpOptions,
  metrics: Metrics,
): RequestHandler {
  let docs: Page | undefined;
  const pages = new Map<string, Serve>([
    [
      '/',
      (_req, res) =>
        end(
          res,
          'text/plain; charset=utf-8',
          `Coatcheck, a PII vault.${servesDocs ? ' The API reference: /docs' : ''}${consoleFiles ? ' The console for auditors: /console/' : ''}\n`,
        ),
    ],
    ['/openapi.yaml', (_req, res) => end(res, 'application/yaml; charset=utf-8', openapi)],
    [
      '/docs',
      async (_req, res) => {
        // With its YAML parser loaded by the first who asks: most vaults are never asked.
        docs ??= (await import('./docs-page.js')).docsPage(openapi);
        res.setHeader('Content-Security-Policy', docs.contentSecurityPolicy);
        end(res, 'text/html; charset=utf-8', docs.html);
      },
    ],
    [
      '/metrics',
      async (req, res) => {
        if (!mayReadMetrics(req, metricsToken)) throw new VaultError('PV1005');
        end(res, metrics.contentType, await metrics.text());
      },
    ],
  ]);
  if (!servesDocs) for (const path of ['/openapi.yaml', '/docs']) pages.delete(path);
  // Each is there with a slash behind it, too, as operations are.
  for (const [path, serve] of [...pages]) pages.set(`${path}/`, serve);

  return (req, res, next) => {
    const serve = pages.get(req.url.split('?', 1)[0]!);
    if (serve === undefined) return next();
    if (req.method !== 'GET') {
      res.setHeader('Allow', 'GET');
      throw new VaultError('PV9021');
    }
    return serve(req, res);
  };
}

function mayReadMetrics(req: Request, token: string | null): boolean {
  if (token === null) {
    const proxied = PROXY_HEADERS.some((name) => req.headers[name] !== undefined);
    return !proxied && LOOPBACK.test(req.socket.remoteAddress ?? '');
  }
  const given = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(sha256(given), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
