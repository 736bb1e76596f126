import { type Verification, verifyLog } from '../../access-log/verify.js';
import { openDatabase } from '../../startup/open-database.js';
import type { Scene } from '../scene.js';
import { FORGERY, WITHOUT_TRIGGERS, tamper } from '../tamper.js';

/** The log is verified with the vault switched off; then an entry is changed behind its back, and the verification says which. */
export async function proveTheLog({ narrator, vault }: Scene, index: number): Promise<void> {
  narrator.step('The proof: nobody changed the log, and when somebody does, it shows');
  await vault.stop();
  narrator.say(
    'The entries are the leaves of a hash tree. The vault is stopped, and the tree is recomputed from the ' +
      'database alone, as `coatcheck audit verify` does.',
  );
  const intact = await verify(vault);
  narrator.quoteJson(intact);
  narrator.expect('the log is intact', intact.ok, true);

  narrator.say(
    `Somebody who owns the database wants entry ${index}, where billing saw the SSN, to say "support":`,
  );
  narrator.quote(FORGERY);
  const refused = await tamper(vault.databaseUrl, index, { triggers: true });
  narrator.expect('a trigger refuses that', refused, 'access_log is append-only');
  narrator.say('But a superuser can switch triggers off, and try again:');
  narrator.quote([WITHOUT_TRIGGERS]);
  const forged = await tamper(vault.databaseUrl, index, { triggers: false });
  narrator.expect('now one entry is changed', forged, 1);

  const found = await verify(vault);
  narrator.quoteJson(found);
  narrator.expect(`verification names entry ${index}`, found.ok || found.index, index);
}

async function verify(vault: Scene['vault']): Promise<Verification> {
  const database = openDatabase(vault.config, vault.databaseUrl, vault.log);
  try {
    return await verifyLog(database);
  } finally {
    await database.close();
  }
}
