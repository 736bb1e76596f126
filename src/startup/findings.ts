import type { Vault } from '../operations/vault.js';
import type { IntegrityAlarms } from './integrity-alarms.js';

/** What the checks of the access log and its witnesses found: known to the process that makes them. */
export interface Findings {
  readonly problems: readonly string[];
  /** In the order of the settings. */
  readonly witnesses: readonly { readonly problem: string | null; readonly refused: boolean }[];
}

/** The other processes of this instance, which answer auditors and Prometheus too. */
export interface FindingsLine {
  tellFindings(findings: Findings): void;
  onFindings(hear: (findings: Findings) => void): void;
}

/** Has the process that checks tell the others, after every check. */
export function tellFindings(
  { witnesses }: Pick<Vault, 'witnesses'>,
  alarms: IntegrityAlarms,
  line: FindingsLine,
): void {
  alarms.onRaised = () =>
    line.tellFindings({
      problems: alarms.problems,
      witnesses: witnesses.map(({ problem, refused }) => ({ problem, refused })),
    });
}

/** Has a process that checks nothing know what was found all the same. */
export function hearFindings(
  { witnesses }: Pick<Vault, 'witnesses'>,
  alarms: IntegrityAlarms,
  line: FindingsLine,
): void {
  line.onFindings((findings) => {
    alarms.learn(findings.problems);
    witnesses.forEach((witness, i) => {
      const known = findings.witnesses[i];
      if (known) witness.learn(known);
    });
  });
}
