import { createHmac } from 'node:crypto';
import { b64 } from '../support/jwt.js';

/** Events as Frontegg's page on webhooks and its samples for prehooks show them, with values of our own. */
export const ENVIRONMENT = '70000000-0000-4000-8000-000000000007';
export const ACCOUNT = '80000000-0000-4000-8000-000000000008';

type Json = Record<string, unknown>;

/** A token is about to be made for a user with these claims. */
export function jwtPrehook(id: string | undefined, claims: Json = {}, context: Json = {}): Json {
  return {
    prehookContext: {
      ...{ vendorId: ENVIRONMENT, tenantId: ACCOUNT, applicationId: 'web' },
      ...(id !== undefined && { userId: id }),
      ...context,
    },
    data: {
      claims: {
        ...{ type: 'userToken', tenantId: ACCOUNT, email: 'ada@example.com', email_verified: true },
        ...{ roles: ['Admin'], permissions: [], metadata: {}, customClaims: {} },
        ...claims,
      },
    },
  };
}

/** `metadata` is the text of an object, as Frontegg keeps it. */
export function webhookEvent(name: string, id: string, metadata: Json = {}, more: Json = {}): Json {
  return {
    user: {
      ...{
        id,
        email: 'ada@example.com',
        verified: true,
        name: 'Ada',
        phoneNumber: null,
        profilePictureUrl: null,
      },
      ...{ provider: 'local', mfaEnrolled: false, metadata: JSON.stringify(metadata), tenantIds: [ACCOUNT] },
      ...{ tenantId: ACCOUNT, roles: [], permissions: [], createdAt: '2026-05-02T11:25:22.000Z' },
      ...{ lastLogin: null, isLocked: false, activatedForTenant: true },
      ...more,
    },
    eventContext: { vendorId: ENVIRONMENT, tenantId: ACCOUNT, userId: id },
    eventKey: `frontegg.user.${name}`,
  };
}

/** What the header says, made by hand so that it can also be wrong. */
export function hookToken(secret: string, claims: Json = {}, header: Json = {}): string {
  const iat = Math.floor(Date.now() / 1000);
  const text = `${b64({ alg: 'HS256', typ: 'JWT', ...header })}.${b64({ iat, ...claims })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
