import type { Adapter } from '../adapter.js';
import { auth0 } from './auth0.js';
import { cognito } from './cognito.js';
import { entra } from './entra.js';
import { frontegg } from './frontegg.js';
import { keycloak } from './keycloak.js';
import { logto } from './logto.js';
import { oidc } from './oidc.js';
import { okta } from './okta.js';
import { ory } from './ory.js';

/** The identity providers there are: a new one is a file and a line here. */
const ADAPTERS: readonly Adapter[] = [auth0, cognito, entra, frontegg, keycloak, logto, oidc, okta, ory];

const BY_ID: ReadonlyMap<string, Adapter> = new Map(ADAPTERS.map((adapter) => [adapter.id, adapter]));

/** The adapter of a provider; undefined for any other name. */
export function adapterOf(provider: string): Adapter | undefined {
  return BY_ID.get(provider);
}
