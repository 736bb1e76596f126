import { VaultError } from '../errors.js';

/** A unique constraint was violated: which one, and the leading integer of the key where it has one. Holds no value. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation';
  readonly constraint: string;
  readonly leadingId: number | null;

  constructor(constraint: string, leadingId: number | null) {
    super(`unique constraint ${constraint}`);
    this.constraint = constraint;
    this.leadingId = leadingId;
  }
}

/** A row names another that is not there, or one that is named was removed: which foreign key. */
export class ReferenceViolation extends Error {
  override readonly name = 'ReferenceViolation';
  readonly constraint: string;

  constructor(constraint: string) {
    super(`foreign key ${constraint}`);
    this.constraint = constraint;
  }
}

/** Whether nothing was written because of what others hold, or hold no longer: what was tried together may be tried apart. */
export function isRefused(error: unknown): boolean {
  if (error instanceof UniqueViolation || error instanceof ReferenceViolation) return true;
  return error instanceof VaultError && error.code === 'PV3218';
}

interface DriverError {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly detail?: unknown;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: unknown } };
}

/** SQLSTATE classes and driver codes that mean: the database is away, restarting, full or lets nobody in, and may be back in a moment. */
const UNREACHABLE =
  /^(08...|28...|3D000|55000|57P0[1-5]|53...|58...|XX000|25006|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_AGAIN|P1001|P1002|P1008|P1017|P2024)$/;
const TIMED_OUT = /^(57014|55P03|25P03|40001|40P01|P2028|P2034)$/;

const DEADLOCK = '40P01';
/** What stands before the SQLSTATE in the detail of an error. */
const CODE = 'database code ';

/**
 * Runs database work and turns whatever it throws into an error without values: PostgreSQL's detail and Prisma's messages quote
 * them.
 */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): Error {
  if (
    error instanceof VaultError ||
    error instanceof UniqueViolation ||
    error instanceof ReferenceViolation
  ) {
    return error;
  }
  const { code, constraint, detail } = rootOf(error);

  // Prisma does not always name the constraint; its callers ask only whether one was violated.
  if (code === '23505') {
    return new UniqueViolation(
      typeof constraint === 'string' ? constraint : 'unnamed',
      leadingInteger(detail),
    );
  }
  if (code === '23503')
    return new ReferenceViolation(typeof constraint === 'string' ? constraint : 'unnamed');
  if (typeof code === 'string') {
    const errorCode = TIMED_OUT.test(code) ? 'PV1009' : UNREACHABLE.test(code) ? 'PV1010' : 'PV1000';
    return new VaultError(errorCode, {}, CODE + code);
  }
  // The driver reports a connection that went away only by its message.
  if (error instanceof Error && /connection|timeout exceeded|terminat/i.test(error.message)) {
    return new VaultError('PV1010', {}, 'the connection went away');
  }
  return new VaultError('PV1000', {}, error instanceof Error ? error.name : 'unknown');
}

/** Whether PostgreSQL ended the transaction so that others, which waited for it as it did for them, could go on: nothing of it was done. */
export function isDeadlocked(error: unknown): boolean {
  return databaseCodeOf(error) === DEADLOCK;
}

/** The SQLSTATE of an error that {@link translated} threw; undefined where the database gave none. */
export function databaseCodeOf(error: unknown): string | undefined {
  if (!(error instanceof VaultError) || !error.detail?.startsWith(CODE)) return undefined;
  return error.detail.slice(CODE.length);
}

/** Prisma wraps the driver's error; the SQLSTATE is inside. */
function rootOf(error: unknown): DriverError {
  if (typeof error !== 'object' || error === null) return {};
  const outer = error as DriverError;
  const cause = outer.meta?.driverAdapterError?.cause as
    { originalCode?: unknown; constraint?: { index?: unknown } } | undefined;
  if (cause && typeof cause === 'object' && cause.originalCode !== undefined) {
    return { code: cause.originalCode, constraint: cause.constraint?.index };
  }
  return outer;
}

/** From `Key (property_id, …)=(17, …)` the 17: an id of ours, never a value. */
function leadingInteger(detail: unknown): number | null {
  const match = typeof detail === 'string' ? /\)=\((\d{1,10})[,)]/.exec(detail) : null;
  return match ? Number(match[1]) : null;
}
