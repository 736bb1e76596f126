import { execFileSync } from 'node:child_process';
import path from 'node:path';

test('no connection stays open that was on its way to a worker when it died', () => {
  const script = path.join(import.meta.dirname, 'dying-worker.mjs');
  expect(execFileSync(process.execPath, [script], { encoding: 'utf8' })).toBe('1 2 3');
});
