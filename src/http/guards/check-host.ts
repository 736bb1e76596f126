import type { RequestHandler } from 'express';
import { VaultError } from '../../errors.js';

const THIS_MACHINE = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/**
 * In development the vault answers only under a name of this machine: a web page whose name was pointed at 127.0.0.1 could otherwise
 * read it with the key everybody knows. Throws PV1012.
 */
export function checkHost(): RequestHandler {
  return (req, _res, next) => {
    if (!THIS_MACHINE.test(req.headers.host ?? '')) {
      throw new VaultError('PV1012', {
        field: 'Host',
        reason: 'In development mode it must be localhost, 127.0.0.1 or [::1].',
      });
    }
    next();
  };
}
