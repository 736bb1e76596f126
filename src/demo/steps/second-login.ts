import jwt from 'jsonwebtoken';
import type { Scene } from '../scene.js';
import { STORY_USER, TOKENIZE, UUID } from './first-login.js';
import { login } from './login.js';
import { EMAIL, type Idp, NAMESPACE } from './look-at-the-legacy-table.js';

/** Every further login asks for a token and nothing else. Returns the access token. */
export async function secondLogin({ narrator, tap }: Scene, idp: Idp, objectId: string): Promise<string> {
  narrator.step('The second login, and every one after it: only a token');
  narrator.say(`${EMAIL} logs in again. The Action finds the object id and asks for a token of that object.`);
  const accessToken = await login(idp);
  const exchanges = tap.take();
  exchanges.forEach((each) => narrator.show(each));

  const [tokenized] = exchanges;
  const token = (tokenized?.received as { token_id: string }[] | undefined)?.[0]?.token_id ?? '';
  narrator.expect(
    'no second object: a token is all it asks for',
    exchanges.map(({ method, path, sent, status }) => ({ method, path, sent, status })),
    [
      {
        method: 'POST',
        path: TOKENIZE,
        sent: [{ type: 'randomized', object: { id: objectId }, props: ['user_id', 'ssn'] }],
        status: 200,
      },
    ],
  );
  narrator.expect(
    'it gets a random token',
    [tokenized?.received, UUID.test(token)],
    [[{ token_id: token }], true],
  );
  narrator.expect('Auth0 still has only the object id', idp.tenant.user(EMAIL)?.app_metadata, {
    pii_object_id: objectId,
  });

  const { header, payload } = jwt.decode(accessToken, { complete: true })!;
  narrator.say(`The access token that the provider signs, ${accessToken.length} characters, decoded:`);
  narrator.quoteJson(header);
  narrator.quoteJson(payload);
  narrator.expect('the token is in a claim', (payload as jwt.JwtPayload)[`${NAMESPACE}/pii_token`], token);
  narrator.expect(
    'there is no PII in it, and no object id',
    leaked(payload, [...Object.values(STORY_USER), objectId]),
    [],
  );
  return accessToken;
}

/** Those of the values that occur in the payload, hyphens or not. */
function leaked(payload: unknown, values: readonly string[]): string[] {
  const text = JSON.stringify(payload);
  return values.filter((value) => text.includes(value) || text.includes(value.replaceAll('-', '')));
}
