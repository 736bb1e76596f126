import { VaultError } from '../../errors.js';
import { checkIdpHooks } from '../../idp/check-hooks.js';
import { addsAuditReader } from '../../policy/audit-grants.js';
import { checkMasks } from '../../policy/check-masks.js';
import { formatIamConfig, parseIamConfig } from '../../policy/iam-config.js';
import { type Self, raisesOwnRole } from '../../policy/own-role.js';
import { insertIamVersion } from '../../store/iam.js';
import { ADMIN_USER } from '../../store/metadata.js';
import { knownCollection } from '../collection-named.js';
import type { Principal } from '../call.js';
import type { Operation } from '../operation.js';

export const setIamConf: Operation<'setIamConf'> = {
  id: 'setIamConf',

  async run(call, vault) {
    const { iam, collections } = call.metadata;
    const config = parseIamConfig(call.body);
    checkMasks(
      config,
      iam.config,
      new Map([...collections].map(([name, stored]) => [name, knownCollection(stored).facts])),
    );
    checkIdpHooks(config, iam.config, (name) => {
      const stored = collections.get(name);
      return (
        stored && new Map([...knownCollection(stored).own].map(([key, each]) => [key, each.dataTypeName]))
      );
    });
    // Who may write IAM could otherwise appoint itself auditor, or give itself whatever else there is.
    const { principal } = call;
    const raises =
      addsAuditReader(iam.config, config) || raisesOwnRole(iam.config, config, selfOf(principal));
    if (principal.caller.kind !== 'admin' && raises) {
      throw new VaultError('PV1007', { username: principal.user });
    }

    await call.record({ outcome: 'allowed' });
    const next = {
      after: iam.version,
      toml: formatIamConfig(config),
      setBy: call.principal.user,
      now: call.startedAt,
    };
    await insertIamVersion(vault.database, vault.keyring, next, [ADMIN_USER, ...config.users.keys()]);
    vault.metadata.invalidate();
  },
};

function selfOf({ role, user, jwt, delegation }: Principal): Self {
  return {
    role,
    user: jwt ? undefined : user,
    idps: [jwt, delegation].flatMap((each) => (each ? [each.idp] : [])),
  };
}
