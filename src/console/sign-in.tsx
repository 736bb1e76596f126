import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface Props {
  /** Why the person is here (again). */
  readonly problem: string;
  readonly busy: boolean;
  onSignIn(credential: string): void;
}

/** Asks for an API key or a JWT. It stays in the field and in memory; no form is ever sent. */
export function SignIn({ problem, busy, onSignIn }: Props) {
  const [credential, setCredential] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), [problem]);

  return (
    <form
      class="panel sign-in"
      aria-labelledby="sign-in-heading"
      onSubmit={(event) => {
        event.preventDefault();
        if (credential.trim() !== '') onSignIn(credential.trim());
      }}
    >
      <h2 id="sign-in-heading">Sign in</h2>
      <p class="field">
        <label for="credential">API key or JWT of an auditor</label>
        <input
          id="credential"
          ref={field}
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          value={credential}
          aria-describedby="credential-hint"
          onInput={(event) => setCredential(event.currentTarget.value)}
        />
        <span id="credential-hint" class="hint">
          It needs CapAuditReader. It is kept in the memory of this page only: reloading or leaving the page
          signs you out.
        </span>
      </p>
      <p role="alert" class="problem">
        {problem}
      </p>
      <p class="actions">
        <button type="submit" disabled={busy}>
          Sign in
        </button>
      </p>
    </form>
  );
}
