import { propertyText } from './entry-list.js';
import type { AuditEntry } from './vault-api.js';
import { VisibleText } from './visible-text.js';

/** Its proof is judged and not told. */
type Told = Exclude<keyof AuditEntry, 'proof' | 'bytes'>;

/** What each member of an entry is called, in the order in which they are told; the compiler says which is missing. */
const LABELS: Readonly<Record<Told, string>> = {
  index: 'Position in the log',
  time: 'Time',
  outcome: 'Outcome',
  user: 'Client',
  role: 'Role',
  key_id: 'Key',
  issuer: 'Issuer of the JWT',
  subject: 'Subject of the JWT',
  delegation: 'On behalf of',
  action: 'Action that did it',
  admin_reads: 'Admin allowed to read data',
  operation: 'Operation',
  collection: 'Collection',
  objects: 'Objects',
  tokens: 'Tokens, by reference',
  asked: 'Asked for',
  revealed: 'Shown',
  touches: 'Decided on',
  rule: 'Rule that decided',
  iam_version: 'IAM version',
  reason: 'Reason',
  reason_defaulted: 'Reason filled in by the vault',
  adhoc_reason: 'Reason in words',
  custom_audit: 'Custom audit text',
  texts_erased: 'Free texts erased',
  tenants: 'Tenants',
  remote_addr: 'Remote address',
  request_id: 'Request id',
  caller_request_id: "Caller's request id",
  error_code: 'Error',
  refers: 'Completes entry',
  count: 'Stands for',
  erased: 'Erased the free texts of',
  range: 'About the entries from and before',
};

/** Everything that an entry says. */
export function EntryFacts({ entry }: { readonly entry: AuditEntry }) {
  const names = Object.keys(LABELS) as Told[];
  return (
    <dl class="facts">
      {names.map((name) => {
        const texts = textsOf(entry[name]);
        return texts.length === 0 ? null : (
          <div key={name} data-member={name}>
            <dt>{LABELS[name]}</dt>
            {texts.map((text, at) => (
              <dd key={at}>
                <VisibleText text={text} />
              </dd>
            ))}
          </div>
        );
      })}
    </dl>
  );
}

/** A member as lines of text; none for one that is absent, empty or an empty list. */
function textsOf(value: AuditEntry[Told]): string[] {
  if (value === undefined || value === '') return [];
  if (Array.isArray(value)) return value.map(textOf);
  return [textOf(value)];
}

type Item = NonNullable<AuditEntry[Told]> | NonNullable<AuditEntry['touches']>[number];

function textOf(value: Item | AuditEntry['asked'][number]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object') return String(value);
  if ('trusted_role' in value) {
    return `${value.subject} of ${value.issuer}, trusted through role ${value.trusted_role}`;
  }
  if ('operation' in value) {
    const { operation, property, data_type_name: type, transformation, needs_plain: plain } = value;
    const what =
      property === undefined
        ? 'tokens'
        : propertyText({ property, ...(transformation && { transformation }) });
    return `${operation} on ${what}${type === undefined ? '' : ` (${type})`}${plain ? ', the plain value' : ''}`;
  }
  return 'property' in value ? propertyText(value) : JSON.stringify(value);
}
