import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { SearchPage } from './search-page.js';
import { SignIn } from './sign-in.js';
import { ApiError, VaultApi } from './vault-api.js';

/** The console: somebody signs in, looks, and signs out. Signing out forgets everything. */
export function App() {
  const [api, setApi] = useState<VaultApi | null>(null);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);

  const signOut = useCallback(() => {
    setApi(null);
    setProblem('');
  }, []);
  useEffect(() => {
    // A page that a browser keeps to come back to would keep the key too.
    addEventListener('pagehide', signOut);
    return () => removeEventListener('pagehide', signOut);
  }, [signOut]);
  useLayoutEffect(() => {
    if (api) heading.current?.focus();
  }, [api]);

  const signIn = async (credential: string): Promise<void> => {
    setBusy(true);
    setProblem('');
    const made = new VaultApi(credential, () => {
      setApi(null);
      setProblem('The vault does not accept this key any more. Sign in again.');
    });
    try {
      await made.status();
      setApi(made);
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : 'The vault cannot be reached.');
    }
    setBusy(false);
  };

  return (
    <>
      <header>
        <h1 ref={heading} tabIndex={-1}>
          Coatcheck <span>the access log</span>
        </h1>
        {api && (
          <button type="button" class="quiet" onClick={signOut}>
            Sign out
          </button>
        )}
      </header>
      <main>
        {api ? (
          <SearchPage api={api} />
        ) : (
          <SignIn problem={problem} busy={busy} onSignIn={(key) => void signIn(key)} />
        )}
      </main>
    </>
  );
}
