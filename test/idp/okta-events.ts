/** Events as Okta's pages on inline hooks and event hooks show them, with values of our own. */
export const ORG = 'https://acme.okta.com';
export const NEW_USER = '00u48gwcu01WxvNol0g7';

type Json = Record<string, unknown>;

let counter = 0;
function eventOf(eventType: string, source: string, data: Json, more: Json = {}): Json {
  return {
    eventId: `event-${(counter += 1)}`,
    eventTime: new Date().toISOString(),
    eventType,
    eventTypeVersion: '1.0',
    contentType: 'application/json',
    cloudEventVersion: '0.1',
    source,
    data,
    ...more,
  };
}

export function tokenEvent(
  user: { id: string; profile?: Json } | null,
  { claims = {}, access = true, client = 'web' }: { claims?: Json; access?: boolean; client?: string } = {},
): Json {
  return eventOf('com.okta.oauth2.tokens.transform', `${ORG}/oauth2/default/v1/authorize`, {
    context: {
      request: { id: 'req1', method: 'GET', ipAddress: '127.0.0.1' },
      protocol: {
        type: 'OAUTH2.0',
        issuer: { uri: `${ORG}/oauth2/default` },
        client: { id: client, name: 'Web', type: 'PUBLIC' },
      },
      session: { id: 'ses1', idp: { id: '00oq6kcVwvrDY2YsS0g3', type: 'OKTA' } },
      ...(user && { user: { profile: { login: 'ada@example.com' }, ...user } }),
    },
    identity: { claims: { sub: user?.id }, token: { lifetime: { expiration: 3600 } } },
    ...(access && {
      access: {
        claims: { ver: 1, sub: 'ada@example.com', ...claims },
        scopes: { openid: { action: 'GRANT' } },
      },
    }),
  });
}

export function registration(userProfile: Json): Json {
  const data = { context: { request: { id: 'req2' } }, userProfile, action: 'ALLOW' };
  const more = { requestType: 'self.service.registration' };
  return eventOf('com.okta.user.pre-registration', 'regt4qeBKU29vSoPz0g3', data, more);
}

export function progressive(id: string, userProfileUpdate: Json): Json {
  const user = { id, profile: { login: 'ada@example.com', firstName: 'Ada' } };
  const data = { context: { request: { id: 'req3' }, user }, action: 'ALLOW', userProfileUpdate };
  return eventOf('com.okta.user.pre-registration', 'regt4qeBKU29vSoPz0g3', data, {
    requestType: 'progressive.profile',
  });
}

export function imported(profile: Json, appProfile: Json, id?: string): Json {
  return eventOf('com.okta.import.transform', 'cal7eyxOsnb20oWbZ0g4', {
    context: {
      application: { id: '0oa7ey7aLRuBvcYUD0g4', name: 'hr' },
      job: { id: 'ij17', type: 'import:users' },
    },
    action: { result: id === undefined ? 'CREATE_USER' : 'LINK_USER' },
    appUser: { profile: appProfile },
    user: { ...(id !== undefined && { id }), profile },
  });
}

/** Somebody who was imported without a password signs in for the first time. */
export function passwordImport(credential: Json, more: Json = {}): Json {
  const request = { id: 'req4', method: 'POST', url: { value: '/api/v1/authn' }, ipAddress: '127.0.0.1' };
  const data = { context: { request, credential }, action: { credential: 'UNVERIFIED' } };
  const source = `${ORG}/api/v1/inlineHooks/cal2xd5phv9fsPLcF0g7`;
  return eventOf('com.okta.user.credential.password.import', source, data, more);
}

/** When what an event hook tells happened. */
export const PUBLISHED = '2026-11-20T08:00:00.000Z';

export function systemEvents(...events: [type: string, ids: string[], result?: string][]): Json {
  return eventOf('com.okta.event_hook', `${ORG}/api/v1/eventHooks/whoql0HfiLGPWc8Jx0g3`, {
    events: events.map(([eventType, ids, result = 'SUCCESS'], i) => ({
      uuid: `uuid-${i}`,
      eventType,
      actor: { id: '00uadmin', type: 'User' },
      outcome: { result },
      published: PUBLISHED,
      target: [
        ...ids.map((id) => ({ id, type: 'User', alternateId: 'ada@example.com' })),
        { id: 'app', type: 'AppInstance' },
      ],
    })),
  });
}
