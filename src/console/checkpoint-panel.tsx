import { useCallback, useEffect, useState } from 'preact/hooks';
import { Badge } from './badge.js';
import { ProofError, toBase64 } from './proof/bytes.js';
import type { CheckpointTrust, JudgedCheckpoint } from './proof/checkpoint-trust.js';
import { parseVerifierKey } from './proof/note.js';
import { failed } from './proof/verdict.js';
import { ApiError, type VaultApi } from './vault-api.js';
import { VisibleText } from './visible-text.js';

type Status = Awaited<ReturnType<VaultApi['status']>>;

interface Props {
  readonly api: VaultApi;
  readonly trust: CheckpointTrust;
}

/** The newest checkpoint, judged with the keys that the auditor gives or, failing those, with the listed ones. */
export function CheckpointPanel({ api, trust }: Props) {
  const [judged, setJudged] = useState<JudgedCheckpoint | null>(null);
  const [status, setStatus] = useState<Status | null>(null);
  const [pasted, setPasted] = useState('');
  const [problem, setProblem] = useState('');

  const check = useCallback(async () => {
    setJudged(null);
    setProblem('');
    try {
      if (!trust.trusted.pasted) await trustListed(api, trust);
      setJudged(await trust.judge(await api.checkpoint()));
      setStatus(await api.status());
    } catch (error) {
      setJudged({ checkpoint: null, steps: [unread(error)] });
    }
  }, [api, trust]);
  useEffect(() => void check(), [check]);

  const useKeys = async (): Promise<void> => {
    try {
      const lines = pasted.split('\n').filter((line) => line.trim() !== '');
      trust.trusted = { keys: await Promise.all(lines.map(parseVerifierKey)), pasted: lines.length > 0 };
      await check();
    } catch (error) {
      setProblem(error instanceof ProofError ? error.message : 'That is no verifier key.');
    }
  };

  return (
    <section class="panel" aria-labelledby="checkpoint-heading">
      <h2 id="checkpoint-heading">Checkpoint</h2>
      <Badge of="Checkpoint" steps={judged?.steps ?? null} />
      {judged?.checkpoint && (
        <dl class="facts">
          <Fact name="Log" text={judged.checkpoint.origin} />
          <Fact name="Entries" text={String(judged.checkpoint.size)} />
          <Fact name="Root" text={toBase64(judged.checkpoint.root)} />
        </dl>
      )}
      {status && <Concerns status={status} />}
      <details>
        <summary>Keys to verify with</summary>
        <form
          aria-label="Keys to verify with"
          onSubmit={(event) => {
            event.preventDefault();
            void useKeys();
          }}
        >
          <p class="field">
            <label for="verifier-keys">Verifier keys that you keep, one on a line</label>
            <textarea
              id="verifier-keys"
              rows={3}
              autocomplete="off"
              spellcheck={false}
              value={pasted}
              aria-describedby="verifier-hint"
              onInput={(event) => setPasted(event.currentTarget.value)}
            />
            <span id="verifier-hint" class="hint">
              Empty: the keys that this vault lists. A vault that lies about its log can lie about those too.
            </span>
          </p>
          <p role="alert" class="problem">
            {problem}
          </p>
          <button type="submit">Use these keys</button>
        </form>
      </details>
      <p class="actions">
        <button type="button" class="quiet" disabled={judged === null} onClick={() => void check()}>
          Check again
        </button>
      </p>
    </section>
  );
}

function Fact({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <VisibleText text={text} />
      </dd>
    </div>
  );
}

/** What the vault itself says stands against its log, and how far its witnesses have come. */
function Concerns({ status }: { readonly status: Status }) {
  const told = [
    ...status.problems.map((text) => `Signing: ${text}`),
    ...status.witnesses.map(({ name, cosigned_size: size, refused, problem }) =>
      refused
        ? `Witness ${name} says that this is not the log it knows.`
        : `Witness ${name} has cosigned ${size} entries${problem === undefined ? '' : `; ${problem}`}.`,
    ),
  ];
  return told.length === 0 ? null : (
    <ul class="steps">
      {told.map((text) => (
        <li key={text}>
          <VisibleText text={text} />
        </li>
      ))}
    </ul>
  );
}

async function trustListed(api: VaultApi, trust: CheckpointTrust): Promise<void> {
  const { keys, witnesses } = await api.keys();
  const listed = await Promise.all([...keys.map(({ key }) => key), ...witnesses].map(parseVerifierKey));
  trust.trusted = { keys: listed, pasted: false };
}

function unread(error: unknown): JudgedCheckpoint['steps'][number] {
  if (error instanceof ApiError) return { name: 'Checkpoint', result: 'unchecked', said: error.message };
  return failed('Checkpoint', error);
}
