import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { AnonymousFailures } from '../access-log/anonymous-failures.js';
import type { VaultError } from '../errors.js';
import { asVaultError } from '../operations/access.js';
import type { FailureAnswer, Operation } from '../operations/operation.js';
import { sendError, sendFailure } from './answers.js';
import { serveConsole } from './console.js';
import { Exchange } from './exchange.js';
import { FailedAttempts } from './failed-attempts.js';
import { allowOrigins } from './guards/allow-origins.js';
import { applyRestrictions } from './guards/apply-restrictions.js';
import { authenticate } from './guards/authenticate.js';
import { checkHost } from './guards/check-host.js';
import { checkReason } from './guards/check-reason.js';
import { checkSignature } from './guards/check-signature.js';
import { findOperation } from './guards/find-operation.js';
import { limitAddresses, limitClients } from './guards/limit-rates.js';
import { readBody } from './guards/read-body.js';
import { readIdempotencyKey } from './guards/read-idempotency-key.js';
import { readParameters } from './guards/read-parameters.js';
import { reloadCache } from './guards/reload-cache.js';
import { runOperation } from './guards/run-operation.js';
import { securityHeaders } from './guards/security-headers.js';
import { shedLoad } from './guards/shed-load.js';
import { startRequest } from './guards/start-request.js';
import { validate } from './guards/validate.js';
import { JwtIssuers } from './jwt/jwt-issuers.js';
import { Lifecycle } from './lifecycle.js';
import { LoadLimit } from './load-limit.js';
import { type MessageClasses, messageClassesOf } from './message-classes.js';
import { Metrics } from './metrics.js';
import type { HttpOptions } from './options.js';
import { servePages } from './pages.js';
import { TurnedAway } from './turned-away.js';
import { concernsOperator, logFault, logKeySetFailure, logRequest } from './request-log.js';

/** The vault over HTTP, without a socket. */
export interface HttpApp {
  readonly handle: RequestListener;
  /** Of which the server must make what it gives to `handle`. */
  readonly messageClasses: MessageClasses;
  readonly lifecycle: Lifecycle;
  /** Makes durable what was counted but not yet written. Call it when no request is under way any more. */
  close(): Promise<void>;
}

/** Puts the guard stack together: what must be true of a request before an operation runs, in this order. */
export function createHttpApp(options: HttpOptions): HttpApp {
  const { vault, log, rateLimits, siblings } = options;
  const lifecycle = new Lifecycle(new LoadLimit(options.mostInFlight, options.longestLoopDelayMs));
  const unwatch = lifecycle.watch();
  const metrics = new Metrics(lifecycle, vault, siblings);
  const turnedAway = new TurnedAway(log, metrics);
  const attempts = new FailedAttempts(options.development);
  if (siblings !== null) {
    attempts.onAttempt = (attempt) => siblings.tellAttempt(attempt);
    siblings.onAttempt((attempt) => attempts.learn(attempt));
  }
  const failures = new AnonymousFailures(vault.log, options.recordRemoteAddress, (error) =>
    logFault(log, undefined, asVaultError(error)),
  );
  const issuers = new JwtIssuers({
    fetchKeys: options.fetchIdpKeys,
    plainLoopback: options.development,
    onFetchFailure: (error) => logKeySetFailure(log, error),
  });
  const authenticated = authenticate({ ...options, attempts, failures, issuers });

  const app = express();
  app.disable('x-powered-by').set('etag', false).set('query parser', false);
  app.set('trust proxy', options.trustedProxies);

  app.use(
    inOneLayer([
      startRequest(lifecycle, (exchange) => finish(exchange)),
      ...(options.development ? [checkHost()] : []),
      ...(options.allowOrigins.length > 0 ? [allowOrigins(options.allowOrigins)] : []),
      securityHeaders(options.secure),
      shedLoad(lifecycle, turnedAway),
    ]),
  );
  app.use(limitAddresses(rateLimits.perAddress, siblings));
  app.use(servePages(options, metrics));
  app.use(serveConsole(options.consoleFiles));
  app.use(
    runOperation(
      [
        authenticated,
        readBody,
        readParameters(vault.settings.types),
        validate,
        reloadCache(vault, authenticated),
        checkSignature(vault),
        applyRestrictions,
        checkReason(vault.settings.forceAccessReason),
        limitClients(rateLimits.perClient, siblings),
        readIdempotencyKey(vault),
      ],
      options,
      issuers,
    ),
  );
  app.use(answerErrors());

  function finish(exchange: Exchange): void {
    metrics.count(exchange);
    if (!exchange.turnedAway) logRequest(log, exchange);
  }

  /** Express knows an error handler by its four parameters. */
  function answerErrors(): ErrorRequestHandler {
    return (thrown: unknown, _req, res, _next) => {
      const exchange = Exchange.of(res);
      const error = asVaultError(thrown);
      exchange.errorCode = error.code;
      // Why a token that came along was refused is for the operator alone, as it is for one that calls.
      if (error.status < 500) exchange.refusal ??= error.detail ?? null;
      metrics.countError(error);
      if (concernsOperator(error)) logFault(log, exchange, error);
      const instead = failureOf(exchange, error);
      if (instead === null) return sendError(res, error);
      if (instead.status < 400) metrics.countFailureAnswered(exchange.route.operation.operationId, error);
      sendFailure(res, instead);
    };
  }

  /** What the operation answers in place of the error; null: nothing. */
  function failureOf(exchange: Exchange, error: VaultError): FailureAnswer | null {
    const route = routeOf(exchange, error);
    const operation = route && (options.operations[route.operation.operationId] as Operation | undefined);
    if (!route || !operation?.presentFailure) return null;
    const { body, access, principal } = exchange;
    return operation.presentFailure(error, {
      path: route.path,
      body,
      principal: access && principal,
      metadata: access ? exchange.metadata : vault.metadata.lastKnown,
    });
  }

  return {
    handle: byPath(app),
    messageClasses: messageClassesOf(app),
    lifecycle,
    async close() {
      unwatch();
      turnedAway.flush();
      await failures.flush();
    },
  };
}

/** What the request was for; where it was turned away because there are too many, nobody has looked yet. */
function routeOf(exchange: Exchange, { status }: VaultError): Exchange['route'] | undefined {
  const route = exchange.route as Exchange['route'] | undefined;
  if (route !== undefined || (status !== 503 && status !== 429)) return route;
  try {
    findOperation(exchange);
    return exchange.route;
  } catch {
    return undefined;
  }
}

/** Handlers that every request passes, one after the other: a layer of Express for each would take its path apart again each time. */
function inOneLayer(handlers: readonly RequestHandler[]): RequestHandler {
  return handlers.reduceRight((then, handler) => (req, res, next) => {
    handler(req, res, (error?: unknown) => (error === undefined ? void then(req, res, next) : next(error)));
  });
}

/** Where requests go whose target is no path. Nothing is there. */
const NOWHERE = '/*';

/**
 * Express answers a target that it cannot take apart by itself, past all guards and unrecorded (`GET http://[`, `GET //a@[`). Only paths get
 * through to it.
 */
function byPath(app: Express): RequestListener {
  return (req, res) => {
    if (!/^\/(?!\/)/.test(req.url ?? '')) req.url = NOWHERE;
    app(req, res);
  };
}
