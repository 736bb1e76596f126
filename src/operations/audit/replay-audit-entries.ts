import { createHash } from 'node:crypto';
import { type Entry, decodeEntry } from '../../access-log/entry.js';
import { onProjection } from '../../access-log/projector.js';
import { presentRevelation } from '../../access-log/presented-entry.js';
import type { components } from '../../generated/api.js';
import { checkMasks } from '../../policy/check-masks.js';
import { compileIam } from '../../policy/compile.js';
import { parseIamConfig } from '../../policy/iam-config.js';
import { searchProjection } from '../../store/access-log/search.js';
import type { Call } from '../call.js';
import { knownCollection } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { filterOf } from './filter.js';
import { DEFAULT_LIMIT, bookmark } from './page.js';
import { type Proposal, type Verdict, replayDecision } from './replay-decision.js';

type AuditChange = components['schemas']['AuditChange'];

/** Entries that one request looks at, and those among them that are held at a time. */
const MOST_EVALUATED = 10_000;
const CHUNK = 500;

export const replayAuditEntries: Operation<'replayAuditEntries'> = {
  id: 'replayAuditEntries',

  async run(call, vault) {
    const { iam, limit = DEFAULT_LIMIT, cursor } = call.body;
    const proposal = readProposal(call, iam);
    const filter = filterOf(call, vault, call.body);
    const text = createHash('sha256').update(iam).digest('hex');
    const { after: start, cursorAt } = bookmark(call, vault, [filter, text], cursor);
    await call.record({ outcome: 'allowed' });

    const changes: AuditChange[] = [];
    const counts = { evaluated: 0, not_replayable: 0, approximate: 0 };
    let after = start;
    for (let looked = 0; looked < MOST_EVALUATED;) {
      const page = { order: 'newest', after, limit: CHUNK } as const;
      const rows = await onProjection(vault.database, (size) =>
        searchProjection(vault.database, size, filter, page),
      );
      for (const { index, bytes } of rows) {
        if (changes.length === limit) return { changes, ...counts, cursor: cursorAt(after!) };
        after = index;
        looked++;
        const entry = decodeEntry(bytes);
        const replayed = replayDecision(entry, proposal);
        if (replayed.kind === 'nothing-decided') continue;
        if (replayed.kind === 'not-replayable') {
          counts.not_replayable++;
          continue;
        }
        counts.evaluated++;
        if (replayed.approximate) counts.approximate++;
        if (replayed.change) changes.push(presentChange(index, entry, replayed));
      }
      if (rows.length < CHUNK) return { changes, ...counts, cursor: '' };
    }
    return { changes, ...counts, cursor: cursorAt(after!) };
  },
};

/** The proposed configuration, held against today's collections as it would be if it were put in force. Throws PV9011. */
function readProposal(call: Call, toml: string): Proposal {
  const config = parseIamConfig(toml);
  const collections = new Map(
    [...call.metadata.collections].map(([name, stored]) => [name, knownCollection(stored).facts]),
  );
  checkMasks(config, call.metadata.iam.config, collections);
  return { config, compiled: compileIam(config), collections };
}

function presentChange(index: number, entry: Entry, { to, rule, revealed }: Verdict): AuditChange {
  return {
    index,
    time: entry.time,
    user: entry.user,
    role: entry.role,
    operation: entry.operation,
    ...(entry.collection !== undefined && { collection: entry.collection }),
    from: entry.outcome,
    to,
    rule,
    ...(revealed.length > 0 && { revealed: revealed.map(presentRevelation) }),
  };
}
