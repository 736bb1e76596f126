/** Judges values by Logto's own guards: `[[guard, value], …]` on standard input, what is wrong with them on standard output. It runs beside Jest, which would warn of how the package imports JSON. */
import { readFileSync } from 'node:fs';
import * as logto from '@logto/schemas';

const wrong = JSON.parse(readFileSync(0, 'utf8')).flatMap(([guard, value]) => {
  const { error } = logto[guard].safeParse(value);
  return error ? error.issues.map(({ path, message }) => `${guard}: ${path.join('.')}: ${message}`) : [];
});
process.stdout.write(JSON.stringify(wrong));
