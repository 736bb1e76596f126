import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import type { Answer, Sent, TestVault } from '../../support/vault.js';

const AUDIT = '/api/coatcheck/1.0/audit';

/** Asks the log of a vault something. */
export function ask(vault: TestVault, target: string, sent: Sent = {}, method = 'GET'): Promise<Answer> {
  return vault.send(method, `${AUDIT}/${target}`, sent);
}

/** Who may read the log, and who may do anything else but that. */
export async function auditorAndOther(vault: TestVault): Promise<{ auditor: string; other: string }> {
  const keys = await setClients(vault, [
    { name: 'auditor', capabilities: ['CapAuditReader'] },
    { name: 'other', capabilities: ['CapDataReader', 'CapDataWriter'] },
  ]);
  return { auditor: keys.auditor!, other: keys.other! };
}

/** The position of the newest entry of an operation. */
export async function newest(vault: TestVault, operation: string): Promise<number> {
  const { body } = await ask(vault, `entries?operation=${operation}&limit=1`);
  return (body as { entries: [{ index: number }] }).entries[0].index;
}

/** What an auditor without the capability, and somebody without a key, hears. */
export async function outsiders(
  vault: TestVault,
  other: string,
  target: string,
  method = 'GET',
): Promise<string[]> {
  return [
    refused(await ask(vault, target, { key: other }, method)),
    refused(await ask(vault, target, { key: null }, method)),
  ];
}
