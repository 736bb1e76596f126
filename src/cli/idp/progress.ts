const EVERY_MS = 200;

/** Says on a terminal how far it is. */
export function progressOn(
  stderr: NodeJS.WritableStream & { readonly isTTY?: boolean },
): (users: number) => void {
  const startedAt = performance.now();
  let last = startedAt;
  let first: number | null = null;
  return (users) => {
    first ??= users;
    const now = performance.now();
    if (!stderr.isTTY || now - last < EVERY_MS) return;
    last = now;
    const rate = Math.round((users - first) / ((now - startedAt) / 1000));
    stderr.write(`\r${users.toLocaleString('en')} users, ${rate.toLocaleString('en')} a second `);
  };
}
