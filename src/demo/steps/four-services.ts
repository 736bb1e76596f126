import { type JsonWebKey, type KeyObject, createPublicKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { User } from '../roles.js';
import { type Scene, ask } from '../scene.js';
import type { Exchange } from '../wiretap.js';
import { AUDIENCE, type Idp, NAMESPACE } from './look-at-the-legacy-table.js';
import type { Keys } from './open-the-vault.js';

const NOT_ALLOWED = { status: 403, error_code: 'PV1006' };

/** Four services hold the same access token; each gets what its role allows. Returns the PII token. */
export async function fourServices(scene: Scene, idp: Idp, keys: Keys, accessToken: string): Promise<string> {
  const { narrator } = scene;
  narrator.step('Four services with the same access token, and four roles');
  const { issuer } = idp.provider;
  const claims = jwt.verify(accessToken, await keyOf(issuer), {
    algorithms: ['RS256'],
    audience: AUDIENCE,
    issuer,
  }) as jwt.JwtPayload;
  const token = claims[`${NAMESPACE}/pii_token`] as string;
  narrator.say(
    'Each checks the signature with the key that the provider publishes, takes the PII token out and asks the vault with a key of its own.',
  );

  const detokenize = async (who: User, about: string, props = ''): Promise<Exchange> => {
    narrator.say(about);
    const path = `/api/pvlt/1.0/data/collections/users/tokens?token_ids=${token}&reason=AppFunctionality`;
    const exchange = await ask(scene, keys[who], 'GET', path + props);
    narrator.show(exchange);
    return exchange;
  };
  const shown = (fields: object) => ({ status: 200, received: [{ token_id: token, fields }] });

  const support = await detokenize(
    'support',
    'Support compares the last digits on the phone. Its role masks ssn.',
  );
  const masked = { user_id: '45860945864', ssn: '***-**-1234' };
  narrator.expect('support sees the SSN masked', answerOf(support), shown(masked));

  const billing = await detokenize('billing', 'Billing reports to the tax office.');
  const plain = { user_id: '45860945864', ssn: '123-12-1234' };
  narrator.expect('billing sees it plain', answerOf(billing), shown(plain));

  const marketing = await detokenize('marketing', 'Marketing has a key, but no policy allows it anything.');
  narrator.expect('marketing is refused', refusalOf(marketing), NOT_ALLOWED);

  const fhir = await detokenize(
    'fhir_app',
    'A SMART-on-FHIR app needs to know who the patient is.',
    '&props=user_id',
  );
  narrator.expect(
    'the app gets the raw user id and nothing else',
    answerOf(fhir),
    shown({ user_id: '45860945864' }),
  );

  const curious = await detokenize('fhir_app', 'The same app asks for the SSN.', '&props=ssn');
  narrator.expect('and is refused', refusalOf(curious), NOT_ALLOWED);
  return token;
}

function answerOf({ status, received }: Exchange): unknown {
  return { status, received };
}

function refusalOf({ status, received }: Exchange): unknown {
  return { status, error_code: (received as { error_code?: unknown } | undefined)?.error_code };
}

/** The one key that the provider signs with, as it publishes it. */
async function keyOf(issuer: string): Promise<KeyObject> {
  const published = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: [JsonWebKey] };
  return createPublicKey({ key: published.keys[0], format: 'jwk' });
}
