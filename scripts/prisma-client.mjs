import { spawn } from 'node:child_process';
import { join } from 'node:path';

/**
 * Makes src/generated/prisma/ from prisma/schema.prisma; throws what Prisma says where it cannot.
 * Prisma insists on an engine it would download, and then does not use it to generate: any program that exists will do.
 */
export async function generatePrismaClient(root) {
  const cli = join(root, 'node_modules', 'prisma', 'build', 'index.js');
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  };
  const child = spawn(process.execPath, [cli, 'generate', '--no-hints'], { cwd: root, env });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise((done, broken) => child.on('error', broken).on('close', done));
  if (code !== 0) throw new Error(`prisma generate failed\n${output}`);
}
