import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import type { PostLoginAction, PostLoginApi } from '../../src/idp/bundles/auth0-types.js';

const DIST = path.resolve(import.meta.dirname, '../../dist/idp');

/** The text of a bundle as the build made it. */
export function bundle(name: string): string {
  return readFileSync(path.join(DIST, name), 'utf8');
}

/** What a platform lets code reach, besides the language: no process, no file system, of Node's modules `crypto` alone. */
function globals(lines: string[]): vm.Context {
  const allowed = createRequire(import.meta.url);
  return vm.createContext({
    fetch,
    AbortSignal,
    TextEncoder,
    URL,
    setTimeout,
    clearTimeout,
    console: { log: (line: unknown) => void lines.push(String(line)) },
    require: (name: string): unknown => {
      if (name !== 'node:crypto' && name !== 'crypto') throw new Error(`Cannot find module '${name}'`);
      return allowed(name);
    },
  });
}

/** A post-login Action in a fresh sandbox, as after a cold start. `said`: what it logged. */
export function loadAction(): { readonly action: PostLoginAction; readonly said: string[] } {
  const said: string[] = [];
  const context = globals(said);
  const module = { exports: {} as { onExecutePostLogin: PostLoginAction } };
  const wrapped = `(function (exports, require, module) {${bundle('auth0-post-login.cjs')}\n})`;
  const run = vm.runInContext(wrapped, context) as (
    exports: object,
    require: unknown,
    module: object,
  ) => void;
  run(module.exports, context.require, module);
  return { action: module.exports.onExecutePostLogin, said };
}

/** A custom database script in a sandbox with Auth0's globals; returns its function. */
export function loadScript(
  name: 'login' | 'get-user',
  configuration: Record<string, string>,
): (...args: unknown[]) => void {
  const context = globals([]);
  context.configuration = configuration;
  context.WrongUsernameOrPasswordError = class extends Error {
    override readonly name = 'WrongUsernameOrPasswordError';
    constructor(_name: string, message: string) {
      super(message);
    }
  };
  const called = name === 'login' ? 'login' : 'getUser';
  return vm.runInContext(`${bundle(`auth0-custom-db-${name}.js`)}\n${called}`, context) as (
    ...args: unknown[]
  ) => void;
}

/** The Lambda function as after a cold start; `said`: what it logged. `sdk` stands for the client that its runtime brings along. */
export function loadLambda<Event>(
  env: Record<string, string | undefined>,
  sdk: () => unknown,
): { readonly handler: (event: Event) => Promise<Event>; readonly said: string[] } {
  const said: string[] = [];
  const context = globals(said);
  context.process = { env };
  const own = context.require as (name: string) => unknown;
  const require = (name: string): unknown =>
    name === '@aws-sdk/client-cognito-identity-provider' ? sdk() : own(name);
  const module = { exports: {} as { handler: (event: Event) => Promise<Event> } };
  const wrapped = `(function (exports, require, module) {${bundle('cognito.cjs')}\n})`;
  const run = vm.runInContext(wrapped, context) as (...scope: unknown[]) => void;
  run(module.exports, require, module);
  return { handler: module.exports.handler, said };
}

/** A script in a sandbox with what Logto's worker has: nothing of Node's modules. Returns the function of that name; `said`: what it logged. */
export function loadWorker<Run>(file: string, name: string): { readonly run: Run; readonly said: string[] } {
  const said: string[] = [];
  const context = globals(said);
  delete context.require;
  context.crypto = globalThis.crypto;
  return { run: vm.runInContext(`${bundle(file)}\n${name}`, context) as Run, said };
}

/** What an Action did at a login. */
export interface Done {
  app: Record<string, unknown>;
  user: Record<string, unknown>;
  claims: Record<string, unknown>;
  denials: string[];
}

/** Functions of Auth0's that may refuse: metadata that is too large, a claim that is reserved. */
export const REFUSING = ['setAppMetadata', 'setUserMetadata', 'setCustomClaim'] as const;
type Refusing = (typeof REFUSING)[number];

/** An `api` that collects, as Auth0's does until the Action has finished, but for functions that refuse. */
export function collecting(refusing: readonly Refusing[] = []): {
  readonly api: PostLoginApi;
  readonly done: Done;
} {
  const done: Done = { app: {}, user: {}, claims: {}, denials: [] };
  const into =
    (kept: Record<string, unknown>, by: Refusing) =>
    (name: string, value: unknown): void => {
      if (refusing.includes(by)) throw new Error(`${by} is refused`);
      kept[name] = value;
    };
  const api: PostLoginApi = {
    user: {
      setAppMetadata: into(done.app, 'setAppMetadata'),
      setUserMetadata: into(done.user, 'setUserMetadata'),
    },
    accessToken: { setCustomClaim: into(done.claims, 'setCustomClaim') },
    access: { deny: (reason) => void done.denials.push(reason) },
  };
  return { api, done };
}
