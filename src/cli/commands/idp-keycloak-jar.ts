import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError } from '../terminal.js';

/** As the build put it beside this program. */
const JAR = path.resolve(import.meta.dirname, '../../idp/keycloak-pii.jar');

/** Writes the JAR of Keycloak's script providers. Throws {@link CommandError} where it cannot. */
export async function idpKeycloakJar(out: string): Promise<void> {
  await copyFile(JAR, out).catch((error: unknown) => {
    throw new CommandError(`Cannot write ${out}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
  });
}
