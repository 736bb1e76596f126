import { isLoopback } from '../../http/loopback.js';
import { type Purpose, diagnose } from '../idp/diagnose.js';
import type { Finding } from '../idp/finding.js';
import { VaultAnswer, VaultConnection, vaultSettings } from '../idp/vault-connection.js';
import { CommandError, type Terminal } from '../terminal.js';

/** What the command line says. */
export interface IdpDoctorOptions {
  readonly provider: string;
  readonly issuer: string;
  readonly purpose: Purpose;
  readonly claim?: string;
  readonly url?: string;
  readonly keyFile?: string;
  readonly json?: boolean;
}

const TIMEOUT_MS = 5_000;
/** Codes of connections that failed -> what to do. */
const UNREACHED: readonly (readonly [code: RegExp, fix: string])[] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'The name does not resolve: correct the address or the DNS.'],
  [/^ECONNREFUSED$/, 'Nothing listens there: start the vault, or correct the port.'],
  [/^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/, 'Renew the certificate, and look at the clocks.'],
  [/ALTNAME/, 'The certificate is for another name: reach the vault by that name, or issue one for this.'],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ISSUER/,
    'The certificate is not trusted: use one that is trusted publicly, or name its CA in NODE_EXTRA_CA_CERTS here and in the trust store of the provider there.',
  ],
  [
    /^(EPROTO|ERR_SSL_.*|HPE_.*|UND_ERR_SOCKET|ECONNRESET)$/,
    'It does not speak what the address says: https or http, and the port.',
  ],
];

/**
 * Looks at everything between a hook and the vault, from the address to the policies, and says of each thing that is wrong what to do. It changes nothing and sends no personal data. Throws {@link CommandError} where
 * something is wrong.
 */
export async function idpDoctor(options: IdpDoctorOptions, terminal: Terminal): Promise<void> {
  const findings = await examine(options, terminal);
  if (options.json) terminal.stdout.write(`${JSON.stringify(findings)}\n`);
  else for (const finding of findings) terminal.stdout.write(lineOf(finding));
  const wrong = findings.filter(({ level }) => level === 'wrong').length;
  if (wrong > 0) throw new CommandError(wrong === 1 ? 'One thing is wrong.' : `${wrong} things are wrong.`);
}

async function examine(options: IdpDoctorOptions, terminal: Terminal): Promise<Finding[]> {
  let settings: ReturnType<typeof vaultSettings>;
  try {
    settings = vaultSettings(terminal.env, options);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [{ level: 'wrong', what: error.message, fix: 'Set it as the hook has it.' }];
  }
  const findings = await reach(settings.url);
  if (findings.some(({ level }) => level === 'wrong')) return findings;

  const stopped = new AbortController();
  void terminal.interrupted.then(() => stopped.abort());
  const vault = new VaultConnection(settings, stopped.signal, () => undefined);
  const asked = Date.now();
  try {
    const hook = await vault.hook(options.provider, options.issuer);
    const now = (asked + Date.now()) / 2;
    return [...findings, ...diagnose(hook, { purpose: options.purpose, claim: options.claim, now })];
  } catch (error) {
    if (!(error instanceof VaultAnswer)) throw error;
    return [...findings, { level: 'wrong', what: error.message, fix: fixOf(error, options) }];
  }
}

/** Whether anything answers, and whether it is a vault that can serve. */
async function reach(url: string): Promise<Finding[]> {
  let response: Response;
  let text: string;
  try {
    const health = `${url}/api/pvlt/1.0/data/info/health`;
    response = await fetch(health, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
    const word = typeof code === 'string' ? code : (error as Error).name;
    const fix = UNREACHED.find(([pattern]) => pattern.test(word))?.[1];
    const otherwise = 'Let this machine, and the provider, reach the vault: address, firewall, proxy.';
    return [{ level: 'wrong', what: `The vault is not reached (${word}).`, fix: fix ?? otherwise }];
  }
  if (!response.ok || !text.includes('"pass"')) {
    const fix = 'See what the vault logs; if something else answers, correct the address.';
    return [
      { level: 'wrong', what: `What answers there is no vault that can serve (${response.status}).`, fix },
    ];
  }
  const { hostname, protocol } = new URL(url);
  const near: Finding = {
    level: 'note',
    what: 'The address is this machine: only a provider on it can call.',
  };
  const secure = protocol === 'https:' ? ', by TLS with a certificate that is trusted here' : '';
  return [{ level: 'ok', what: `The vault answers${secure}.` }, ...(isLoopback(hostname) ? [near] : [])];
}

function fixOf({ status, code }: VaultAnswer, { provider, issuer, purpose }: IdpDoctorOptions): string {
  if (status === 401)
    return 'The key is wrong, expired or its user is disabled: make a new one (`ctl/iam/user/regen`) and give it to the hook.';
  if (code === 'PV1007')
    return `Give the user of the key a role for ${purpose}: it must hold CapIdpHook, CapIdpImport or CapIdpLifecycle.`;
  if (code === 'PV9086') return 'Name a provider that this vault knows: docs/idp/ has a guide for each.';
  if (code === 'PV9088')
    return `Name the user of the key in \`users\` of an [idp_hooks] with provider = "${provider}" and issuer = "${issuer}" that is not disabled.`;
  if (code === 'PV1004') return "Make the hook's collection, or correct `collection` in the hook.";
  return 'See docs/ERRORS.md and what the vault logs.';
}

function lineOf({ level, what, fix }: Finding): string {
  return `${level.padEnd(6)} ${what}\n${fix === undefined ? '' : `       -> ${fix}\n`}`;
}
