import { randomUUID } from 'node:crypto';
import type { OperationId } from '../generated/contract.js';
import type { Metadata } from '../store/metadata.js';
import { Access, NOBODY } from './access.js';
import type { Vault } from './vault.js';

/**
 * The record of something that the vault does by itself, as `operation`, under a name of its own: no user of an IAM configuration can have it where it has a hyphen, which
 * a name there cannot have.
 */
export function systemAccess(
  { log }: Pick<Vault, 'log'>,
  { iam }: Metadata,
  user: `${string}-${string}`,
  operation: OperationId,
): Access {
  return new Access(
    log,
    { requestId: randomUUID(), callerRequestId: null, remoteAddress: null, operation },
    { principal: { ...NOBODY, user }, iamVersion: iam.version, reason: 'Maintenance' },
  );
}
