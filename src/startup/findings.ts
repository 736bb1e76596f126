import type { Vault } from '../operations/vault.js';
import type { IntegrityAlarms } from './integrity-alarms.js';

/** What the checks of the access log and its witnesses found: known to the process that makes them. */
export interface Findings {
  /** By check: some are made every second, others once a day. */
  readonly found: IntegrityAlarms['found'];
  /** In the order of the settings. */
  readonly witnesses: readonly { readonly problem: string | null; readonly refused: boolean }[];
}

/** The other processes of this instance, which answer auditors and Prometheus too. */
export interface FindingsLine {
  /** What they were when this process started; null: nothing was checked yet. */
  readonly known: Findings | null;
  tellFindings(findings: Findings): void;
  onFindings(hear: (findings: Findings) => void): void;
}

/** Has the process that checks tell the others, after every check; what one before it found is not forgotten. */
export function tellFindings(
  { witnesses }: Pick<Vault, 'witnesses'>,
  alarms: IntegrityAlarms,
  line: FindingsLine,
): void {
  alarms.inherit(line.known?.found ?? []);
  alarms.onRaised = () =>
    line.tellFindings({
      found: alarms.found,
      witnesses: witnesses.map(({ problem, refused }) => ({ problem, refused })),
    });
}

/** Has a process that checks nothing know what was found all the same. */
export function hearFindings(
  { witnesses }: Pick<Vault, 'witnesses'>,
  alarms: IntegrityAlarms,
  line: FindingsLine,
): void {
  const learn = (findings: Findings): void => {
    alarms.learn(findings.found.flatMap(([, problems]) => problems));
    witnesses.forEach((witness, i) => {
      const known = findings.witnesses[i];
      if (known) witness.learn(known);
    });
  };
  if (line.known) learn(line.known);
  line.onFindings(learn);
}
