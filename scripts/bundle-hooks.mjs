/** Bundles the hooks that run at identity providers: one file each, in the form its platform takes. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** Auth0 takes an Action or a script of at most this size without packages; the others are held to it too. */
const MOST_BYTES = 100_000;

const NOTICE = '/* Coatcheck. Apache-2.0. Made by `npm run build`; paste it as it is. */';

/** Auth0's custom database scripts are a function of this name and no module. */
const asFunction = (declaration) => ({
  format: 'iife',
  globalName: '__coatcheck',
  // It is called with `require` in scope; a function of its own keeps the bundle's names out of the script's.
  footer: { js: declaration },
});

/** Logto runs a script in a worker or an isolate: no modules, nothing of Node's. */
const inWorker = (declaration) => ({ ...asFunction(declaration), platform: 'neutral', target: 'es2022' });

const BUNDLES = [
  { from: 'auth0-post-login', to: 'auth0-post-login.cjs', form: { format: 'cjs' } },
  {
    from: 'auth0-custom-db-login',
    to: 'auth0-custom-db-login.js',
    form: asFunction(
      'function login(nameOrEmail, password, callback) { __coatcheck.login({ configuration, WrongUsernameOrPasswordError }, nameOrEmail, password, callback); }',
    ),
  },
  {
    from: 'auth0-custom-db-get-user',
    to: 'auth0-custom-db-get-user.js',
    form: asFunction(
      'function getUser(email, callback) { __coatcheck.getUser(configuration, email, callback); }',
    ),
  },
  {
    from: 'cognito',
    to: 'cognito.cjs',
    form: {
      format: 'cjs',
      // Lambda's own: the settings, and the client that its Node runtime brings along, loaded only when a user is changed.
      footer: {
        js: 'module.exports.handler = (event) => module.exports.handle(event, process.env, () => require("@aws-sdk/client-cognito-identity-provider"));',
      },
    },
  },
  {
    from: 'logto-post-sign-in',
    to: 'logto-post-sign-in.js',
    form: inWorker('function runAction(given) { return __coatcheck.runAction(given); }'),
  },
  {
    from: 'logto-custom-jwt',
    to: 'logto-custom-jwt.js',
    form: inWorker('function getCustomJwtClaims(given) { return __coatcheck.getCustomJwtClaims(given); }'),
  },
  { from: 'oidc', to: 'oidc-provider.mjs', form: { format: 'esm' } },
];

/** Writes every bundle into `folder`. Throws where one would not fit its platform. */
export async function bundleHooks(root, folder) {
  for (const { from, to, form } of BUNDLES) {
    const outfile = path.join(folder, to);
    await build({
      entryPoints: [path.join(root, 'src/idp/bundles', `${from}.ts`)],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node18',
      legalComments: 'none',
      banner: { js: NOTICE },
      logLevel: 'warning',
      ...form,
    });
    const { size } = statSync(outfile);
    if (size > MOST_BYTES) throw new Error(`${to} has ${size} bytes; its platform takes ${MOST_BYTES}.`);
  }
}
