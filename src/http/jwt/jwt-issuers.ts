import { createHash } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import { VaultError } from '../../errors.js';
import type { IamConfig } from '../../policy/iam-config.js';
import type { IdpConfig } from '../../policy/idp-config.js';
import { isTokenOf } from '../../policy/jwt-claims.js';
import { fetchKeySet } from './fetch-key-set.js';
import { KeySet, readKeySet } from './key-set.js';
import { type UnverifiedJwt, readJwt } from './read-jwt.js';
import { RemoteKeySet } from './remote-key-set.js';

/** Clocks that differ by less are forgiven. */
const TOLERANCE_S = 30;
/** One token cannot be called back, so it may not be good for longer than a day. */
const LONGEST_LIFE_S = 24 * 3600;
const LONGEST_SUBJECT = 255;
/** Verified tokens remembered, so that a client that sends the same one a thousand times costs one signature check. */
const MOST_REMEMBERED = 5_000;

export interface JwtOptions {
  /** Whether keys may be fetched at all. */
  readonly fetchKeys: boolean;
  /** Whether they may come by http from this machine: development only. */
  readonly plainLoopback: boolean;
  /** Told of a key set that did not come. */
  onFetchFailure(error: unknown): void;
}

/** A token whose signature and times were checked: who its issuer says it is. */
export interface VerifiedJwt {
  readonly idpName: string;
  readonly idp: IdpConfig;
  readonly issuer: string;
  readonly subject: string;
  readonly keyId: string | null;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A verified token as remembered: good while the key set is the same and it has not expired. */
interface Remembered {
  readonly jwt: VerifiedJwt;
  readonly keys: KeySet;
  readonly untilS: number;
}

/**
 * The identity providers of the IAM configuration at work. What was verified is remembered per configuration: a changed one starts with
 * nothing, so disabling an idp holds for the next request.
 */
export class JwtIssuers {
  readonly #options: JwtOptions;
  readonly #remote = new Map<string, RemoteKeySet>();
  readonly #static = new WeakMap<IdpConfig, KeySet>();
  readonly #verified = new WeakMap<IamConfig, LRUCache<string, Remembered>>();

  constructor(options: JwtOptions) {
    this.#options = options;
  }

  /**
   * Verifies a token against the idp of a type that its issuer, audience and bound claims name. Throws PV1005, with a reason for the operator that quotes
   * nothing, or PV9064 where the idp's keys cannot be had.
   */
  async verify(
    token: string,
    iam: IamConfig,
    now: Date,
    type: IdpConfig['type'] = 'direct-jwt',
  ): Promise<VerifiedJwt> {
    const nowS = now.getTime() / 1000;
    const memory = this.#memoryOf(iam);
    const digest = createHash('sha256').update(token).digest('base64');
    const known = memory.get(digest);
    const isSame = known?.jwt.idp.type === type && nowS < known.untilS;
    if (isSame && known.keys === (await this.#keysOf(known.jwt.idp, iam))) {
      return known.jwt;
    }

    const jwt = readJwt(token) ?? refuse('it is malformed or of a kind that is not taken');
    const [idpName, idp] =
      [...iam.idps].find(([, each]) => each.type === type && isTokenOf(each, jwt.claims)) ??
      refuse('no enabled idp has its issuer, audience and bound claims');
    const keys = await this.#keysFor(idp, iam, jwt);
    const untilS = check(token, jwt, idp, keys, nowS);

    const subject = jwt.claims.sub as string;
    const verified = {
      idpName,
      idp,
      issuer: idp.conf.iss,
      subject,
      keyId: jwt.keyId,
      claims: jwt.claims,
    };
    memory.set(digest, { jwt: verified, keys, untilS });
    return verified;
  }

  /** The set that has the token's key, if any has it. */
  async #keysFor(idp: IdpConfig, iam: IamConfig, { algorithm, keyId }: UnverifiedJwt): Promise<KeySet> {
    const keys = await this.#keysOf(idp, iam);
    const { keySource } = idp.conf;
    if (keys.find(algorithm, keyId) || !('jwksUri' in keySource)) return keys;
    return this.#remoteAt(keySource.jwksUri, iam).renewedFor(algorithm, keyId);
  }

  async #keysOf(idp: IdpConfig, iam: IamConfig): Promise<KeySet> {
    const { keySource } = idp.conf;
    if ('jwksUri' in keySource) {
      if (!this.#options.fetchKeys) return refuse('fetching key sets is switched off');
      return this.#remoteAt(keySource.jwksUri, iam).current();
    }
    let keys = this.#static.get(idp);
    if (!keys) {
      keys = readKeySet(keySource.keys) ?? new KeySet([]);
      this.#static.set(idp, keys);
    }
    return keys;
  }

  #remoteAt(uri: string, iam: IamConfig): RemoteKeySet {
    let remote = this.#remote.get(uri);
    if (!remote) {
      this.#forgetUnused(iam);
      const { plainLoopback, onFetchFailure } = this.#options;
      remote = new RemoteKeySet(() => fetchKeySet(uri, plainLoopback), onFetchFailure);
      this.#remote.set(uri, remote);
    }
    return remote;
  }

  #forgetUnused({ idps }: IamConfig): void {
    const sources = [...idps.values()].map(({ conf }) => conf.keySource);
    const used = new Set(sources.flatMap((source) => ('jwksUri' in source ? [source.jwksUri] : [])));
    for (const uri of this.#remote.keys()) if (!used.has(uri)) this.#remote.delete(uri);
  }

  #memoryOf(iam: IamConfig): LRUCache<string, Remembered> {
    let memory = this.#verified.get(iam);
    if (!memory) {
      memory = new LRUCache({ max: MOST_REMEMBERED });
      this.#verified.set(iam, memory);
    }
    return memory;
  }
}

/** Checks signature and claims. Returns the second from which the token is good no more. */
function check(token: string, jwt: UnverifiedJwt, { conf }: IdpConfig, keys: KeySet, nowS: number): number {
  const { algorithm, claims } = jwt;
  const key = keys.find(algorithm, jwt.keyId) ?? refuse('its key is not in the key set of its issuer');
  try {
    jsonwebtoken.verify(token, key, {
      // From the key, not from the token: read-jwt lets only names of ours through and the key was found under this one.
      algorithms: [algorithm],
      issuer: conf.iss,
      audience: conf.aud as string | [string, ...string[]],
      clockTolerance: TOLERANCE_S,
      clockTimestamp: Math.floor(nowS),
    });
  } catch {
    return refuse('its signature does not hold, or it has expired or is not good yet');
  }

  const { exp, iat, nbf, sub } = claims;
  if (!isSeconds(exp)) return refuse('it has no expiry');
  if (exp > nowS + LONGEST_LIFE_S + TOLERANCE_S) refuse('it is good for more than a day');
  if (nbf !== undefined && !isSeconds(nbf)) refuse('its nbf is no time');
  if (iat !== undefined && !(isSeconds(iat) && iat <= nowS + TOLERANCE_S))
    refuse('it was issued in the future');
  if (typeof sub !== 'string' || sub === '' || sub.length > LONGEST_SUBJECT) refuse('it has no subject');
  return exp + TOLERANCE_S;
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function refuse(reason: string): never {
  throw new VaultError('PV1005', {}, `JWT refused: ${reason}`);
}
