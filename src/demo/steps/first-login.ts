import jwt from 'jsonwebtoken';
import type { Scene } from '../scene.js';
import { login } from './login.js';
import { EMAIL, type Idp, NAMESPACE } from './look-at-the-legacy-table.js';

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const COLLECTION = '/api/pvlt/1.0/data/collections/users';

/** The path of the Action's request for a token. */
export const TOKENIZE = `${COLLECTION}/tokens?reason=AppFunctionality&expiration_secs=86460`;

/** The first login moves the PII into the vault. Returns the id of the object. */
export async function firstLogin({ narrator, tap }: Scene, idp: Idp): Promise<string> {
  narrator.step('The first login: the PII moves into the vault');
  narrator.say(`${EMAIL} logs in. Auth0 imports the user, and the Action is given`);
  narrator.quoteJson({ user: await idp.legacy.getUser(EMAIL) });

  const accessToken = await login(idp);
  const exchanges = tap.take();
  narrator.say(
    'It stores national_id (as user_id: Auth0 forbids that name in metadata) and ssn, then asks for a token.',
  );
  exchanges.forEach((each) => narrator.show(each));

  const [stored, tokenized] = exchanges;
  const objectId = String((stored?.received as { id?: unknown } | undefined)?.id);
  narrator.expect('one object is stored, one token made', exchanges.map(requestLine), [
    `POST ${COLLECTION}/objects?reason=AppFunctionality`,
    `POST ${TOKENIZE}`,
  ]);
  narrator.expect('both by the Action', [stored?.from, tokenized?.from], ['auth0', 'auth0']);
  narrator.expect(
    'the vault takes the PII',
    [stored?.sent, stored?.status],
    [{ id: objectId, ...STORY_USER }, 200],
  );
  narrator.expect(
    'under an id that tells nothing of the user, the same at every attempt',
    UUID.test(objectId),
    true,
  );

  const token = (tokenized?.received as { token_id: string }[] | undefined)?.[0]?.token_id ?? '';
  const claims = jwt.decode(accessToken) as jwt.JwtPayload;
  narrator.expect('and makes a token', [UUID.test(token), tokenized?.status], [true, 200]);
  narrator.expect('which is in the access token of this very login', claims[`${NAMESPACE}/pii_token`], token);

  narrator.say(
    'The Action has finished, and Auth0 applies its changes. What Auth0 knows of this user from now on:',
  );
  narrator.quoteJson(idp.tenant.user(EMAIL));
  narrator.expect('the object id is all that is left in app_metadata', idp.tenant.user(EMAIL)?.app_metadata, {
    pii_object_id: objectId,
  });

  idp.legacy.drop(EMAIL);
  narrator.say('The row of the legacy table is deleted: nobody needs it any more.');
  return objectId;
}

/** The story's user as the vault keeps it. */
export const STORY_USER = { user_id: '45860945864', ssn: '123-12-1234' };

function requestLine({ method, path }: { method: string; path: string }): string {
  return `${method} ${path}`;
}
