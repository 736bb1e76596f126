/** Bundles the hooks that run at identity providers: one file each, in the form its platform takes. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { strToU8, zipSync } from 'fflate';

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
    from: 'logto-post-first-factor',
    to: 'logto-post-first-factor.js',
    form: inWorker('function runAction(given) { return __coatcheck.runAction(given); }'),
  },
  {
    from: 'logto-custom-jwt',
    to: 'logto-custom-jwt.js',
    form: inWorker('function getCustomJwtClaims(given) { return __coatcheck.getCustomJwtClaims(given); }'),
  },
  { from: 'oidc', to: 'oidc-provider.mjs', form: { format: 'esm' } },
];

/** Keycloak's script providers: which script is what. */
const KEYCLOAK_SCRIPTS = {
  authenticators: [
    {
      name: 'Coatcheck: move personal data into the vault',
      fileName: 'coatcheck-authenticator.js',
      description: 'Moves what the attributes of a user hold into the vault; the last step of a login.',
    },
  ],
  mappers: [
    {
      name: 'Coatcheck: PII token',
      fileName: 'coatcheck-mapper.js',
      description: 'A token of what the vault holds of the user.',
    },
  ],
};

/** A JAR is a ZIP. The same bytes from the same sources, on every machine: the time in it is no time. */
function keycloakJar(root) {
  const script = (name) =>
    ['vault', name]
      .map((each) => readFileSync(path.join(root, 'src/idp/bundles/keycloak', `${each}.js`), 'utf8'))
      .join('\n');
  const files = {
    'META-INF/keycloak-scripts.json': `${JSON.stringify(KEYCLOAK_SCRIPTS, null, 2)}\n`,
    'coatcheck-authenticator.js': `${NOTICE}\n${script('authenticator')}`,
    'coatcheck-mapper.js': `${NOTICE}\n${script('mapper')}`,
  };
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])), {
    level: 9,
    mtime: new Date(1980, 0, 1),
  });
}

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
  writeFileSync(path.join(folder, 'keycloak-pii.jar'), keycloakJar(root));
}
