import { type Server, createServer } from 'node:http';
import fc from 'fast-check';
import type { PostLoginEvent } from '../../src/idp/bundles/auth0-types.js';
import { REFUSING, collecting, loadAction } from './sandbox.js';
import { close, listening } from './servers.js';

/** What a vault, or whatever stands where it should be, may answer; null: it hangs up. */
const ANSWER = fc.oneof(
  fc.constant(null),
  fc.record({
    status: fc.constantFrom(200, 200, 200, 204, 301, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503),
    body: fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record(
          {
            write: fc.dictionary(fc.string(), fc.option(fc.string()), { maxKeys: 3 }),
            scrub: fc.array(
              fc.oneof(fc.string(), fc.constantFrom('app_metadata.ssn', 'user_metadata.ssn', '')),
              {
                maxLength: 3,
              },
            ),
            token: fc.oneof(fc.string(), fc.json()),
            claim: fc.string(),
            organization: fc.record({ token: fc.string() }),
            profile: fc.record({ claim: fc.string(), complete: fc.oneof(fc.boolean(), fc.json()) }),
            warnings: fc.array(fc.json(), { maxLength: 2 }),
            deny: fc.constantFrom(true, 'reason'),
          },
          { requiredKeys: [] },
        )
        .map((decision) => JSON.stringify(decision)),
    ),
  }),
);

const ANYTHING = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.dictionary(
    fc.constantFrom('ssn', 'phone', 'pii_object_id', '__proto__', 'a.b'),
    fc.jsonValue({ maxDepth: 1 }),
  ),
);

let server: Server;
let url: string;
let answers: readonly ({ status: number; body: string } | null)[] = [];
let asked = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      const answer = answers[asked++ % answers.length];
      if (!answer) return void response.destroy();
      response.writeHead(answer.status, { location: '/elsewhere' }).end(answer.body);
    });
  });
  url = await listening(server);
});
afterAll(() => close(server));

test('a refresh is never refused: whatever a user holds, the vault answers and the platform throws, though the operator wants logins to be', async () => {
  let reached = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        said: fc.array(ANSWER, { minLength: 1, maxLength: 4 }),
        app_metadata: ANYTHING,
        user_metadata: ANYTHING,
        user: fc.dictionary(
          fc.constantFrom('user_id', 'email', 'name', 'identities', 'phone_number'),
          ANYTHING,
        ),
        mode: fc.constantFrom('delegated', 'direct', undefined, 'neither'),
        secret: fc.constantFrom('a secret of the tenant', undefined),
        refusing: fc.uniqueArray(fc.constantFrom(...REFUSING)),
      }),
      async ({ said, app_metadata, user_metadata, user, mode, secret, refusing }) => {
        [answers, asked] = [said, 0];
        const { api, done } = collecting(refusing);
        const event = {
          user: { user_id: 'auth0|1', ...user, app_metadata, user_metadata },
          client: { client_id: 'web' },
          connection: { name: 'db', strategy: 'auth0' },
          transaction: { id: 'transaction', protocol: 'oauth2-refresh-token' },
          tenant: { id: 'acme' },
          secrets: {
            ...{ COATCHECK_URL: url, COATCHECK_API_KEY: 'key', COATCHECK_CLAIM: 'https://shop.example/pii' },
            ...{ COATCHECK_ON_ERROR: 'deny', COATCHECK_MODE: mode, COATCHECK_LINK_SECRET: secret },
          },
        } as unknown as PostLoginEvent;
        await loadAction().action(event, api);
        expect(done.denials).toEqual([]);
        reached += asked;
      },
    ),
    { numRuns: 300 },
  );
  expect(reached).toBeGreaterThan(100);
});
