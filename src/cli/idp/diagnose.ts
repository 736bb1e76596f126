import { adapterOf } from '../../idp/adapters/index.js';
import { aboutProfile } from './diagnose-profile.js';
import { type Finding, note, ok, wrong } from './finding.js';
import type { HookDescription } from './vault-connection.js';

/** What a key is for -> the capability it takes. */
export const PURPOSES = { login: 'CapIdpHook', import: 'CapIdpImport', erase: 'CapIdpLifecycle' } as const;
export type Purpose = keyof typeof PURPOSES;

/** Beyond this, expirations and the newest of two values come out wrong. */
const MOST_SKEW_MS = 30_000;

/** What a hook is asked about. */
export interface Question {
  readonly purpose: Purpose;
  /** The claim that the hook was told by its own settings. */
  readonly claim: string | undefined;
  /** This machine's time, between asking and answer. */
  readonly now: number;
}

/** Looks at a hook as its own key sees it. Pure: one finding for each thing that is wrong, with what to do. */
export function diagnose(hook: HookDescription, question: Question): Finding[] {
  const capability = PURPOSES[question.purpose];
  if (!hook.capabilities.includes(capability)) {
    const fix = `Give the role ${capability}, or use the key of a user whose role has it.`;
    return [{ level: 'wrong', what: `The key's role does not hold ${capability}.`, fix }];
  }
  return [
    { level: 'ok', what: `The key speaks for [idp_hooks.${hook.name}] and its role holds ${capability}.` },
    ...aboutMap(hook),
    ...(question.purpose === 'erase' ? aboutErasing(hook) : aboutStoring(hook)),
    ...(question.purpose === 'login'
      ? [
          ...aboutTokens(hook),
          ...aboutClaim(hook, question),
          ...aboutProfile(hook, question.claim),
          ...aboutPasswords(hook),
        ]
      : []),
    ...aboutClock(hook, question),
  ];
}

function aboutMap({ map, provider, properties, collection }: HookDescription): Finding[] {
  const known = new Set(properties.map(({ name }) => name));
  const adapter = adapterOf(provider);
  const findings = Object.entries(map).flatMap(([source, property]): Finding[] => {
    const reason = adapter?.refuseSource(source) ?? null;
    return [
      ...(known.has(property)
        ? []
        : [
            wrong(
              `The map leads ${source} to ${property}, which ${collection} does not have.`,
              `Add the property to the collection, or take the line out of the hook's map.`,
            ),
          ]),
      ...(reason === null
        ? []
        : [wrong(`The map names ${source}. ${reason}`, "Take the line out of the hook's map.")]),
    ];
  });
  const reachable = properties.length > 0;
  return [
    ...findings,
    ...(reachable
      ? []
      : [
          wrong(
            `The collection ${collection} has no properties.`,
            'Add properties: what has none is not stored.',
          ),
        ]),
    ...(findings.length === 0 && reachable ? [ok(`The map fits the collection ${collection}.`)] : []),
  ];
}

/** Whatever the operator named must be allowed; of the rest it is enough to know. */
function aboutStoring({ map, properties, capabilities }: HookDescription): Finding[] {
  const mapped = new Set(Object.values(map));
  const grant = (names: readonly string[]): string =>
    `Allow the operation write on ${names.map((name) => `properties/${name}`).join(', ')} in a policy of the role, for the reason AppFunctionality.`;
  const closed = properties.filter(({ may_store }) => !may_store);
  const needed = closed
    .filter(({ name, is_required }) => is_required || mapped.has(name))
    .map(({ name }) => name);
  const others = closed.map(({ name }) => name).filter((name) => !needed.includes(name));
  if (closed.length > 0 && closed.length === properties.length)
    return [wrong('The role may store no property at all.', grant(closed.map(({ name }) => name)))];
  return [
    ...(needed.length > 0
      ? [
          wrong(
            `The role may not store ${needed.join(', ')}, which the map or the collection needs.`,
            grant(needed),
          ),
        ]
      : []),
    ...(others.length > 0
      ? [note(`The role may not store ${others.join(', ')}: their values stay at the provider.`)]
      : []),
    ...(closed.length === 0 && capabilities.length > 0 ? [ok('The role may store every property.')] : []),
  ];
}

function aboutTokens({ clients, properties }: HookDescription): Finding[] {
  const open = new Set(properties.filter(({ may_tokenize }) => may_tokenize).map(({ name }) => name));
  if (open.size === 0) {
    const fix =
      'Allow the operation tokenize on the properties in a policy of the role, for the reason AppFunctionality.';
    return [wrong('The role may put no property into tokens, so no login gets one.', fix)];
  }
  const lists = Object.entries(clients ?? {});
  const findings = lists.flatMap(([client, list]) =>
    list.flatMap((property): Finding[] => {
      if (open.has(property)) return [];
      const fix = `Allow tokenize on properties/${property}, or take it off the client's list.`;
      return [
        wrong(
          `The list of the client ${client} names ${property}, which the role may not put into tokens or the collection does not have.`,
          fix,
        ),
      ];
    }),
  );
  if (findings.length > 0) return findings;
  const whom = clients
    ? `Tokens are made for the clients ${lists.map(([client]) => client).join(', ')}.`
    : 'Every client gets a token.';
  return [ok(`${whom} The role may put ${[...open].join(', ')} into them.`)];
}

function aboutErasing({ properties, collection }: HookDescription): Finding[] {
  const closed = properties.filter(({ may_erase }) => !may_erase).map(({ name }) => name);
  if (closed.length === 0) return [ok(`The role may erase objects of ${collection}.`)];
  const fix =
    'Allow the operation delete on all properties of the collection in a policy of the role, for the reason AppFunctionality.';
  return [wrong(`The role may not delete ${closed.join(', ')}, so it may erase nobody.`, fix)];
}

function aboutClaim({ provider, claim }: HookDescription, question: Question): Finding[] {
  const name = question.claim ?? claim;
  if (name === undefined)
    return [
      note(
        "No claim is named in the vault: the hook's own setting must, or a default is taken. Say it with --claim to have it checked.",
      ),
    ];
  const reason = adapterOf(provider)?.refuseClaim(name) ?? null;
  if (reason === null) return [ok(`The claim ${name} reaches the token.`)];
  return [
    wrong(
      `The claim ${name} would not reach the token. ${reason}`,
      "Name another in COATCHECK_CLAIM or the hook's claim.",
    ),
  ];
}

function aboutPasswords({ passwords, name }: HookDescription): Finding[] {
  switch (passwords) {
    case undefined:
      return [];
    case 'ready':
      return [ok('The password service may be asked, and there is a secret for it. It was not asked.')];
    case 'not_allowed':
      return [
        wrong(
          'The vault may not call the password service, so no password is right.',
          "Add the hook's check_passwords_at to service.allowed_http_destinations.",
        ),
      ];
    case 'no_secret':
      return [
        wrong(
          'There is no secret for the password service at its address, so no password is right.',
          `Set it as Admin: POST /api/coatcheck/1.0/idp/hooks/${name}/password-secret.`,
        ),
      ];
  }
}

function aboutClock({ time }: HookDescription, { now }: Question): Finding[] {
  const skew = Math.round((Date.parse(time) - now) / 1000);
  if (Math.abs(skew) * 1000 <= MOST_SKEW_MS) return [ok("The vault's clock is right.")];
  return [
    wrong(
      `The vault's clock and this machine's are ${Math.abs(skew)} seconds apart.`,
      'Set both by NTP: tokens would expire at the wrong time.',
    ),
  ];
}
