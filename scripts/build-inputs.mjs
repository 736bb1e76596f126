import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** Whatever a build is made of. */
const INPUTS = [
  'src',
  'openapi',
  'prisma',
  'scripts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

/**
 * Names, times and sizes of all that a build is made of, as text: the same text, the same build.
 * @param {string} root of the checkout
 * @returns {string}
 */
export function buildInputs(root) {
  const files = INPUTS.flatMap((name) => {
    const place = path.join(root, name);
    if (!statSync(place).isDirectory()) return [place];
    return readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
  });
  return files
    .sort()
    .map((file) => {
      const { mtimeMs, size } = statSync(file);
      return `${path.relative(root, file)} ${mtimeMs} ${size}\n`;
    })
    .join('');
}
