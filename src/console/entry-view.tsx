import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Badge } from './badge.js';
import { EntryFacts } from './entry-facts.js';
import type { CheckpointTrust } from './proof/checkpoint-trust.js';
import { judgeEntry } from './proof/judge-entry.js';
import type { Step } from './proof/verdict.js';
import { ApiError, type AuditEntry, type VaultApi } from './vault-api.js';

interface Props {
  readonly api: VaultApi;
  readonly trust: CheckpointTrust;
  readonly entry: AuditEntry;
  onClose(): void;
}

/** One entry in full, proved here and now. */
export function EntryView({ api, trust, entry, onClose }: Props) {
  const [steps, setSteps] = useState<readonly Step[] | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);

  useLayoutEffect(() => heading.current?.focus(), [entry]);
  useEffect(() => {
    let current = true;
    setSteps(null);
    void stepsFor(api, trust, entry).then((found) => current && setSteps(found));
    return () => {
      current = false;
    };
  }, [api, trust, entry]);

  return (
    <section class="panel" aria-labelledby="entry-heading">
      <h2 id="entry-heading" ref={heading} tabIndex={-1}>
        Entry {entry.index}
      </h2>
      <p>
        <button type="button" class="quiet" onClick={onClose}>
          Back to the list
        </button>
      </p>
      <Badge of="Proof" steps={steps} />
      <EntryFacts entry={entry} />
    </section>
  );
}

/** The checks of an entry. Where the vault gives no proof that is wrong too: it has one for every entry. */
async function stepsFor(api: VaultApi, trust: CheckpointTrust, entry: AuditEntry): Promise<readonly Step[]> {
  try {
    return (await judgeEntry(entry, await api.inclusion(entry.index), trust)).steps;
  } catch (error) {
    const said =
      error instanceof ApiError ? `The vault gave no proof. ${error.message}` : 'The proof cannot be read.';
    return [
      { name: 'Proof', result: error instanceof ApiError && isPassing(error) ? 'unchecked' : 'wrong', said },
    ];
  }
}

/** What says nothing about the log: no answer, an expired key, too many requests, a vault that is busy. */
function isPassing({ status }: ApiError): boolean {
  return [0, 401, 429, 503].includes(status);
}
