import type { DemoVault } from './demo-vault.js';
import type { Narrator } from './narrator.js';
import type { Scene } from './scene.js';
import { askTheAuditor } from './steps/ask-the-auditor.js';
import { firstLogin } from './steps/first-login.js';
import { fourServices } from './steps/four-services.js';
import { type Idp, lookAtTheLegacyTable } from './steps/look-at-the-legacy-table.js';
import { openTheVault } from './steps/open-the-vault.js';
import { proveTheLog } from './steps/prove-the-log.js';
import { secondLogin } from './steps/second-login.js';
import { Wiretap } from './wiretap.js';

/** The story of docs/ARCHITECTURE.md, played on a running vault. Throws NotAsExpected at the first value that is not as it should be. */
export async function tellStory(narrator: Narrator, vault: DemoVault): Promise<void> {
  const tap = await Wiretap.open(vault.url);
  let idp: Idp | undefined;
  try {
    const scene: Scene = { narrator, vault, tap };

    const keys = await openTheVault(scene);
    idp = await lookAtTheLegacyTable(scene, keys.auth0);
    const objectId = await firstLogin(scene, idp);
    const accessToken = await secondLogin(scene, idp, objectId);
    const token = await fourServices(scene, idp, keys, accessToken);
    const billingIndex = await askTheAuditor(scene, keys.auditor, { objectId, token });
    await proveTheLog(scene, billingIndex);
  } finally {
    await Promise.all([tap.close(), idp?.provider.close()]);
  }
}
