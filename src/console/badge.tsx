import { type Step, verdictOf } from './proof/verdict.js';

const WORDS = { right: 'Verified', wrong: 'NOT verified', unchecked: 'Not checked' } as const;
const SIGNS = { right: '✓', wrong: '✗', unchecked: '?' } as const;

/** What the checks of something come to, and each of them; null while they run. */
export function Badge({ of, steps }: { readonly of: string; readonly steps: readonly Step[] | null }) {
  const verdict = steps && verdictOf(steps);
  return (
    <div class="judged">
      <p role="status" class={`badge ${verdict ?? 'running'}`} data-verdict={verdict ?? 'running'}>
        {verdict ? (
          <>
            <span aria-hidden="true">{SIGNS[verdict]}</span> {of}: {WORDS[verdict]}
          </>
        ) : (
          `${of}: checking …`
        )}
      </p>
      {steps && (
        <ul class="steps">
          {steps.map(({ name, result, said }) => (
            <li key={name} class={result}>
              <strong>
                <span aria-hidden="true">{SIGNS[result]}</span> {name}
              </strong>
              {result === 'wrong' && ' (wrong)'}
              {result === 'unchecked' && ' (not checked)'}: {said}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
