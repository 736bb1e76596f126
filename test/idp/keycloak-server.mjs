/**
 * As much of a Keycloak server as its scripts see: the bindings, and the Java classes they name. Takes a line of JSON a run on standard input: `script`, `kind`, `env`, `user`, and what there is of a session; answers a line
 * with what became of the user and the login. Requests are really sent, by a thread that is waited for: a script does not give the event loop back.
 */
import { readFileSync } from 'node:fs';
import readline from 'node:readline';
import vm from 'node:vm';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';

const SEND = `const { workerData: { flag, port } } = require('node:worker_threads');
port.on('message', ({ url, timeout, headers, body }) => {
  fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(timeout) })
    .then(async (response) => ({ status: response.status, text: await response.text() }), () => null)
    .then((answer) => {
      port.postMessage(answer);
      Atomics.store(flag, 0, 1);
      Atomics.notify(flag, 0);
    });
});`;
const flag = new Int32Array(new SharedArrayBuffer(4));
const { port1: here, port2: there } = new MessageChannel();
const worker = new Worker(SEND, { eval: true, workerData: { flag, port: there }, transferList: [there] });
worker.unref();

/** The answer, or null where nothing was reached. */
function sendAndWait(request) {
  Atomics.store(flag, 0, 0);
  here.postMessage(request);
  Atomics.wait(flag, 0, 0, 10_000);
  return receiveMessageOnPort(here)?.message ?? null;
}

for await (const line of readline.createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(run(JSON.parse(line)))}\n`);
here.close();
await worker.terminate();

function run(given) {
  const said = [];
  const done = { success: 0, failure: null };
  const attributes = new Map(Object.entries(given.user.attributes ?? {}));
  const columns = { ...given.user };

  /** A list, a map and its entries as Java has them. */
  const iterable = (items) => ({
    iterator() {
      let at = 0;
      return { hasNext: () => at < items.length, next: () => items[at++] };
    },
  });
  const entry = (key, value) => ({ getKey: () => key, getValue: () => iterable(value) });

  const user = {
    getId: () => columns.id,
    getEmail: () => columns.email ?? null,
    isEmailVerified: () => columns.emailVerified ?? false,
    getFirstName: () => columns.firstName ?? null,
    getLastName: () => columns.lastName ?? null,
    setFirstName: (value) => void (columns.firstName = value),
    setLastName: (value) => void (columns.lastName = value),
    getServiceAccountClientLink: () => given.user.serviceAccount ?? null,
    getAttributes: () => ({
      entrySet: () =>
        iterable([
          ...['username', 'email', 'firstName', 'lastName'].map((name) => entry(name, [columns[name] ?? ''])),
          ...[...attributes].map(([name, values]) => entry(name, values)),
        ]),
    }),
    setSingleAttribute(name, value) {
      if (given.readOnly) throw new Error('canary-of-an-exception');
      attributes.set(name, [value]);
    },
    removeAttribute: (name) => void attributes.delete(name),
  };
  const notes = { get: (name) => given.notes?.[name] ?? null };
  const logger = { warn: (line) => void said.push(line) };

  const requests = [];
  const builder = (made) => ({
    timeout: (ms) => builder({ ...made, timeout: ms }),
    header: (name, value) => builder({ ...made, headers: { ...made.headers, [name]: value } }),
    POST: (body) => builder({ ...made, body }),
    build: () => made,
  });
  const clientBuilder = (made) => ({
    version: () => clientBuilder(made),
    connectTimeout: (ms) => clientBuilder({ ...made, connectTimeout: ms }),
    build: () => ({
      send(request) {
        requests.push({ ...made, timeout: request.timeout });
        const answer = sendAndWait(request);
        if (answer === null) throw new Error('canary-of-a-connection');
        const { status, text } = answer;
        return { statusCode: () => status, body: () => text };
      },
    }),
  });

  const JAVA = {
    'java.lang.System': { getenv: (name) => given.env[name] ?? null },
    'java.nio.file.Paths': { get: (path) => path },
    'java.nio.file.Files': { readString: (path) => readFileSync(path, 'utf8') },
    'java.time.Duration': { ofMillis: (ms) => ms },
    'java.net.URI': { create: (text) => text },
    'java.net.http.HttpClient': { newBuilder: () => clientBuilder({}) },
    'java.net.http.HttpClient$Version': { HTTP_1_1: 'HTTP_1_1' },
    'java.net.http.HttpRequest': { newBuilder: (url) => builder({ url, headers: {} }) },
    'java.net.http.HttpRequest$BodyPublishers': { ofString: (text) => text },
    'java.net.http.HttpResponse$BodyHandlers': { ofString: () => null },
    'org.jboss.logging.Logger': { getLogger: () => logger },
    'org.keycloak.authentication.AuthenticationFlowError': { INTERNAL_ERROR: 'INTERNAL_ERROR' },
  };
  const Java = {
    type(name) {
      if (!Object.hasOwn(JAVA, name)) throw new Error(`no such class: ${name}`);
      return JAVA[name];
    },
  };
  const realm = { getName: () => given.realm };

  const isMapper = given.kind === 'mapper';
  const otherClaims = {};
  /** The claim of Keycloak's own mapper: a list, or a map. */
  const named = given.organization ?? null;
  const organization = Array.isArray(named)
    ? iterable(named)
    : named && { keySet: () => iterable(Object.keys(named)) };
  const context = vm.createContext(
    isMapper
      ? {
          ...{ Java, user, realm, userSession: { getNote: notes.get } },
          token: {
            ...{ getIssuedFor: () => given.client, getId: () => given.jti },
            getOtherClaims: () => ({
              get: (name) => (name === 'organization' ? organization : null),
              put: (name, value) => void (otherClaims[name] = value),
            }),
          },
        }
      : { Java, realm, LOG: logger, user: given.user.id === undefined ? null : user },
  );
  const claim = vm.runInContext(given.script, context);
  if (!isMapper)
    context.authenticate({
      getAuthenticationSession: () => ({ getUserSessionNotes: () => notes }),
      success: () => void done.success++,
      failure: (error) => void (done.failure = error),
    });

  const { id: _, serviceAccount: __, attributes: ___, ...rest } = columns;
  return {
    ...{ said, done, requests, claim: isMapper ? claim : undefined, otherClaims },
    user: { ...rest, attributes: Object.fromEntries(attributes) },
  };
}
