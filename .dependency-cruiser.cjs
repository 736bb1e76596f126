/**
 * The rings of docs/ARCHITECTURE.md: a file imports its own ring and those before it. Each ring below lists what it may NOT reach.
 */
const pure = '^src/(errors\\.ts|collections|data-types|masks|policy|templates)';
const rings = [
  { name: 'pure', path: pure },
  { name: 'edges', path: '^src/(bundles|outbound)' },
  { name: 'crypto', path: '^src/crypto' },
  { name: 'store', path: '^src/store' },
  { name: 'work', path: '^src/(access-log|operations|idp)' },
  { name: 'http', path: '^src/http' },
  { name: 'outer', path: '^src/[^/]+\\.ts$|^src/(startup|workers|cli|demo)', pathNot: '^src/errors\\.ts$' },
];

const inward = rings.slice(0, -1).map((ring, i) => ({
  name: `ring-${ring.name}`,
  comment: `The ${ring.name} ring imports only itself and the rings before it.`,
  severity: 'error',
  from: { path: ring.path },
  to: {
    path: rings
      .slice(i + 1)
      .map(({ path }) => path)
      .join('|'),
    pathNot: ['^src/errors\\.ts$', '^src/generated'],
  },
}));

module.exports = {
  forbidden: [
    ...inward,
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'crypto-has-one-door',
      comment: 'Outside the crypto ring only its index may be imported.',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/crypto' },
      to: { path: '^src/crypto/', pathNot: '^src/crypto/index\\.ts$' },
    },
    {
      name: 'ciphers-live-in-crypto',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/crypto' },
      to: { path: 'node_modules/libsodium' },
    },
    {
      name: 'sql-lives-in-store',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/(store|generated|demo)' },
      to: { path: 'node_modules/(pg|@prisma)/|^src/generated/prisma', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'express-lives-in-http',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/http' },
      to: { path: 'node_modules/(express|helmet|express-rate-limit)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pure-does-no-io',
      severity: 'error',
      from: { path: pure },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'bundles-run-in-their-sandbox',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/bundles' },
      to: { path: 'node_modules/(quickjs-emscripten-core|@jitl)/' },
    },
    {
      name: 'outbound-is-the-way-out',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/outbound' },
      to: { path: 'node_modules/undici/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'console-runs-in-a-browser',
      comment:
        'The console takes nothing of the server but pure files; the types of the contract are gone when it runs.',
      severity: 'error',
      from: { path: '^src/console' },
      to: {
        path: '^src/',
        pathNot: '^src/(console/|access-log/(proof-paths|presented-entry)\\.ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'console-has-one-library',
      severity: 'error',
      from: { path: '^src/console' },
      to: { dependencyTypesNot: ['local', 'type-only'], pathNot: 'node_modules/preact/|^src/' },
    },
    {
      name: 'console-is-not-the-server',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/console' },
      to: { path: '^src/console|node_modules/preact/' },
    },
    {
      name: 'what-the-console-shares-is-pure',
      severity: 'error',
      from: { path: '^src/access-log/(proof-paths|presented-entry)\\.ts$' },
      to: {
        pathNot: '^src/access-log/(proof-paths|presented-entry)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    { name: 'nothing-imports-main', severity: 'error', from: {}, to: { path: '^src/main\\.ts$' } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules|^src/generated' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
