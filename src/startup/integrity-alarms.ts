import { randomUUID } from 'node:crypto';
import type { Logger } from 'winston';
import type { AccessLog } from '../access-log/writer.js';
import type { Alarms } from '../operations/vault.js';

/** Stands for all checks of another process. */
const ELSEWHERE = 'elsewhere';

/**
 * Tells of data that does not pass its check: once per problem, as a log line for the operator and as an entry for the auditor. A problem
 * that went away and comes back is told again.
 */
export class IntegrityAlarms implements Alarms {
  readonly #accessLog: AccessLog;
  readonly #log: Logger;
  readonly #told = new Map<string, ReadonlySet<string>>();
  /** Called after every check. */
  onRaised: () => void = () => undefined;

  constructor(accessLog: AccessLog, log: Logger) {
    this.#accessLog = accessLog;
    this.#log = log;
  }

  get problems(): readonly string[] {
    return [...new Set([...this.#told.values()].flatMap((problems) => [...problems]))];
  }

  /**
   * Tells what is new among the problems that one check finds now. They are sentences of ours: no value, no token. Throws 503 PV9017 where the entry cannot
   * be written; the problem is told again then.
   */
  async raise(check: string, problems: readonly string[]): Promise<void> {
    const known = this.#told.get(check) ?? new Set();
    for (const problem of problems.filter((each) => !known.has(each))) {
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
    this.#told.set(check, new Set(problems));
    this.onRaised();
  }

  /** What each check of this process found last. */
  get found(): readonly (readonly [check: string, problems: readonly string[]])[] {
    return [...this.#told]
      .filter(([check]) => check !== ELSEWHERE)
      .map(([check, told]) => [check, [...told]]);
  }

  /** Takes the place of a process that has told of what its checks found: it stands until each is made again. */
  inherit(found: IntegrityAlarms['found']): void {
    for (const [check, problems] of found) this.#told.set(check, new Set(problems));
  }

  /** Takes over what another process of this instance found and has told of. */
  learn(problems: readonly string[]): void {
    this.#told.set(ELSEWHERE, new Set(problems));
  }
}
