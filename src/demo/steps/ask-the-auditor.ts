import { auditTable } from '../audit-table.js';
import type { components } from '../../generated/api.js';
import { type Scene, ask } from '../scene.js';

type AuditEntry = components['schemas']['AuditEntry'];

const ENTRIES = '/api/coatcheck/1.0/audit/entries?collection=users';

/** What happened to the collection, oldest first: who did what, what was asked, what was shown and how it ended. */
const HAPPENED = [
  'Admin addCollection [] [] allowed',
  'auth0 addObject [user_id,ssn] [] allowed',
  'auth0 tokenize [user_id,ssn] [] allowed',
  'auth0 tokenize [user_id,ssn] [] allowed',
  'support detokenize [user_id,ssn] [user_id,ssn.mask] masked',
  'billing detokenize [user_id,ssn] [user_id,ssn] allowed',
  'marketing detokenize [] [] denied',
  'fhir_app detokenize [user_id] [user_id] allowed',
  'fhir_app detokenize [ssn] [] denied',
];

/** An auditor, who may read the log and nothing else, lists the accesses. Returns the position of billing's. */
export async function askTheAuditor(
  scene: Scene,
  auditorKey: string,
  { objectId, token }: { objectId: string; token: string },
): Promise<number> {
  const { narrator } = scene;
  narrator.step('The auditor: who saw what');
  const answer = await ask(scene, auditorKey, 'GET', ENTRIES);
  const entries = (answer.received as { entries: AuditEntry[] }).entries.toReversed();
  narrator.show({ ...answer, received: undefined });
  narrator.say('The entries, oldest first. Each was on disk before the vault answered, the refusals too.');
  narrator.quote(auditTable(entries));

  narrator.expect(
    'every access is there, with what was shown and what was refused',
    entries.map(inShort),
    HAPPENED,
  );
  const touched = entries.filter(({ objects }) => objects.includes(objectId)).length;
  narrator.expect(`${touched} entries name the object`, touched, 7);
  const text = JSON.stringify(answer.received);
  const secrets = ['45860945864', '123-12-1234', '***-**-1234', token].filter((value) =>
    text.includes(value),
  );
  narrator.expect('no entry holds a value or a token', secrets, []);

  narrator.say('The auditor may read this log, but not the data:');
  const path = `/api/pvlt/1.0/data/collections/users/tokens?token_ids=${token}&reason=AppFunctionality`;
  const refused = await ask(scene, auditorKey, 'GET', path);
  narrator.show(refused);
  narrator.expect('the auditor is refused', refused.status, 403);
  return entries.find(({ user }) => user === 'billing')!.index;
}

function inShort({ user, operation, asked, revealed, outcome }: AuditEntry): string {
  return `${user} ${operation} [${names(asked)}] [${names(revealed)}] ${outcome}`;
}

function names(properties: AuditEntry['asked']): string {
  return properties
    .map(({ property, transformation }) => [property, transformation].filter(Boolean).join('.'))
    .join();
}
