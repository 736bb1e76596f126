import type { TestVault } from './vault.js';

/** Puts an IAM configuration (TOML) in force. Throws where the vault refuses it. */
export async function setIam(vault: TestVault, toml: string): Promise<void> {
  const answer = await vault.send('POST', '/ctl/iam/conf', { raw: toml, type: 'application/toml' });
  if (answer.status !== 200) throw new Error(`the IAM configuration was refused: ${answer.text}`);
}

/** A fresh API key of a user. */
export async function keyOf(vault: TestVault, user: string): Promise<string> {
  const answer = await vault.send('POST', '/ctl/iam/user/regen', { json: { name: user } });
  return (answer.body as { api_key: string }).api_key;
}

/** A user with a role of the same name that has these capabilities and may do these things; returns its key. */
export interface Client {
  name: string;
  capabilities: readonly string[];
  /** Policies: operations and resources, for all reasons unless `reasons` says otherwise. */
  allow?: readonly {
    operations: readonly string[];
    resources: readonly string[];
    reasons?: readonly string[];
  }[];
  deny?: readonly {
    operations: readonly string[];
    resources: readonly string[];
    reasons?: readonly string[];
  }[];
  masks?: Readonly<Record<string, string>>;
}

/** Puts clients, and nobody else, in force and returns a key for each, by name. */
export async function setClients(
  vault: TestVault,
  clients: readonly Client[],
): Promise<Record<string, string>> {
  const lines: string[] = ['[users]', '[roles]', '[policies]'];
  for (const client of clients) {
    const policies: string[] = [];
    for (const type of ['allow', 'deny'] as const) {
      (client[type] ?? []).forEach((policy, i) => {
        const name = `${client.name}_${type}_${i}`;
        policies.push(name);
        lines.push(
          `[policies.${name}]`,
          `policy_type = "${type}"`,
          `operations = ${JSON.stringify(policy.operations)}`,
          `reasons = ${JSON.stringify(policy.reasons ?? ['*'])}`,
          `resources = ${JSON.stringify(policy.resources)}`,
        );
      });
    }
    lines.push(
      `[users.${client.name}]`,
      `role = "${client.name}"`,
      `[roles.${client.name}]`,
      `capabilities = ${JSON.stringify(client.capabilities)}`,
      `policies = ${JSON.stringify(policies)}`,
    );
    if (client.masks) {
      lines.push(`[roles.${client.name}.masks]`);
      for (const [property, mask] of Object.entries(client.masks)) lines.push(`"${property}" = "${mask}"`);
    }
  }
  await setIam(vault, lines.join('\n'));
  const keys: Record<string, string> = {};
  for (const { name } of clients) keys[name] = await keyOf(vault, name);
  return keys;
}
