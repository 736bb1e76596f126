import type { RequestHandler } from 'express';
import { VaultError } from '../errors.js';

/** One file of the console, in memory. */
export interface ConsoleFile {
  readonly contentType: string;
  readonly body: Buffer;
  /** Whether its name tells its content, so that a browser may keep it. */
  readonly immutable: boolean;
}

/** The files of the console by name; `index.html` is the page. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>;

const ROOT = '/console';
const METHODS = ['GET', 'HEAD'];
/** Its own script and style, and calls to the vault it came from. Nothing inline, nothing from elsewhere, no text that becomes script. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join(';');

/**
 * Serves the console for auditors below `/console/`, from memory: a name is in the list or is not there, so no path leads to another file. It holds
 * no data and needs no key; what it shows it asks the API for. Without files it is not there at all.
 */
export function serveConsole(files: ConsoleFiles | null): RequestHandler {
  return (req, res, next) => {
    const path = req.url.split('?', 1)[0]!;
    if (files === null || (path !== ROOT && !path.startsWith(`${ROOT}/`))) return next();
    const name = path.slice(ROOT.length + 1);
    const file = path === ROOT ? null : files.get(name === '' ? 'index.html' : name);
    if (file === undefined) throw new VaultError('PV9020');
    if (!METHODS.includes(req.method)) {
      res.setHeader('Allow', METHODS.join(', '));
      throw new VaultError('PV9021');
    }

    if (file === null) {
      res.statusCode = 308;
      res.setHeader('Location', `${ROOT}/`);
      res.setHeader('Content-Length', 0);
      return void res.end();
    }
    res.setHeader('Content-Security-Policy', POLICY);
    res.setHeader('Content-Type', file.contentType);
    res.setHeader('Content-Length', file.body.length);
    if (file.immutable) res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    // Node sends no body in answer to HEAD.
    res.end(file.body);
  };
}
