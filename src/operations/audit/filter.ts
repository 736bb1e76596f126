import { VaultError } from '../../errors.js';
import type { LogFilter } from '../../store/access-log/log-filter.js';
import type { Call } from '../call.js';
import type { QueryOf } from '../operation.js';
import type { Vault } from '../vault.js';

/** The filters as every operation on the log takes them; by token only in a body. */
type AskedFilter = Omit<QueryOf<'listAuditEntries'>, 'order' | 'limit' | 'cursor' | 'proofs'> & {
  readonly token_id?: string;
};

/** Reads the filters of a request. Throws PV1012 for a moment that the calendar does not have. */
export function filterOf(call: Call, vault: Vault, asked: AskedFilter): LogFilter {
  return {
    from: momentOf('from', asked.from),
    to: momentOf('to', asked.to),
    user: asked.user,
    role: asked.role,
    keyId: asked.key_id,
    subject: asked.subject,
    tenant: asked.tenant,
    collection: asked.collection,
    objectId: asked.object_id?.toLowerCase(),
    tokens: asked.token_id === undefined ? undefined : referencesTo(call, vault, asked),
    property: asked.property,
    transformation: asked.transformation,
    reason: asked.reason,
    text: asked.text,
    operation: asked.operation,
    outcome: asked.outcome,
    rule: asked.rule,
    requestId: asked.request_id,
    remoteAddr: asked.remote_addr,
  };
}

/**
 * How the log names a token: the reference depends on the collection, so without one it is looked for in all that there are. Made with every lookup
 * key that is open, since an entry keeps the reference of its time.
 */
function referencesTo(call: Call, vault: Vault, { token_id: id, collection }: AskedFilter): string[] {
  const collections = [...call.metadata.collections.values()].filter(
    ({ name }) => collection === undefined || name === collection,
  );
  return vault.keyring.lookups.flatMap((lookup) =>
    collections.map((each) => lookup.logReference(each.id, id!)),
  );
}

/** The contract's `date-time` includes leap seconds, which no clock here has. */
function momentOf(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) {
    throw new VaultError('PV1012', { field, reason: 'It is not a moment of the calendar.' });
  }
  return moment;
}
