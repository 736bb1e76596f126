import { randomUUID } from 'node:crypto';
import type { Logger } from 'winston';
import type { AccessLog } from '../access-log/writer.js';

/**
 * Tells of data that does not pass its check: once per problem, as a log line for the operator and as an entry for the auditor. A problem
 * that went away and comes back is told again.
 */
export class IntegrityAlarms {
  readonly #accessLog: AccessLog;
  readonly #log: Logger;
  #told: ReadonlySet<string> = new Set();

  constructor(accessLog: AccessLog, log: Logger) {
    this.#accessLog = accessLog;
    this.#log = log;
  }

  /** Tells what is new among the problems there are now. They are constant sentences: no value, no token. */
  async raise(problems: readonly string[]): Promise<void> {
    const fresh = problems.filter((problem) => !this.#told.has(problem));
    for (const problem of fresh) {
      this.#log.error('integrity alarm', { error_code: 'PV9010', detail: problem });
      await this.#accessLog.append({
        time: new Date().toISOString(),
        request_id: randomUUID(),
        user: '',
        role: '',
        operation: 'integrityAlarm',
        outcome: 'failed',
        rule: problem,
        // Nothing was decided by a version.
        iam_version: 0,
        error_code: 'PV9010',
      });
    }
    this.#told = new Set(problems);
  }
}
