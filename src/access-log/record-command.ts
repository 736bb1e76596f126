import { randomUUID } from 'node:crypto';
import type { EntryDraft } from './entry.js';
import type { AccessLog } from './writer.js';

/**
 * Records what somebody does to the log from the command line, with the database's password instead of an API key. No user of an IAM configuration can have this name: a name there has no
 * hyphen. Resolves with the entry's index when it is durable; throws PV9017 where that is not possible: then show and change nothing.
 */
export function recordCommand(
  log: AccessLog,
  operation: string,
  facts: Pick<EntryDraft, 'range' | 'rule'>,
): Promise<number> {
  return log.append({
    time: new Date().toISOString(),
    request_id: randomUUID(),
    user: 'command-line',
    role: '',
    operation,
    outcome: 'allowed',
    // Nothing was decided by a version.
    iam_version: 0,
    ...facts,
  });
}
