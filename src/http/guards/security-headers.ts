import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** What browsers are told: load nothing, frame nothing, keep nothing. `secure`: and come back over TLS only. */
export function securityHeaders(secure: boolean): RequestHandler {
  const headers = headersOf(secure);
  return (_req, res, next) => {
    res.setHeaders(headers);
    next();
  };
}

/** They are the same for every request, so helmet is asked once: its chain of functions took more than setting what it says. */
function headersOf(secure: boolean): Map<string, string> {
  const headers = new Map([['Cache-Control', 'no-store']]);
  const answer = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    // Express was told already not to send X-Powered-By.
    removeHeader: () => undefined,
  };
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
    strictTransportSecurity: secure && { maxAge: 31_536_000, includeSubDomains: true },
  })({} as IncomingMessage, answer as unknown as ServerResponse, (error) => {
    if (error !== undefined) throw error as Error;
  });
  return headers;
}
