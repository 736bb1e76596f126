const EVERY_MS = 200;

/** Says on a terminal how far something is; says nothing where standard error goes into a file. */
export function progressOn(
  stderr: NodeJS.WritableStream & { readonly isTTY?: boolean },
  total: number,
): { at(done: number): void; end(): void } {
  let last = 0;
  let said = false;
  const say = (done: number): void => {
    said = true;
    stderr.write(`\r${done.toLocaleString('en')} of ${Math.max(done, total).toLocaleString('en')} entries`);
  };
  return {
    at(done) {
      const now = performance.now();
      if (!stderr.isTTY || now - last < EVERY_MS) return;
      last = now;
      say(done);
    },
    end() {
      if (said) stderr.write('\n');
    },
  };
}
