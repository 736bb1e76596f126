import type { operations } from '../generated/api.js';
import type { OperationId } from '../generated/contract.js';
import type { VaultError } from '../errors.js';
import type { Metadata } from '../store/metadata.js';
import type { Call, Principal } from './call.js';
import type { Vault } from './vault.js';

type Content<T> = T extends { content: infer C } ? C : never;
type Json<T> = T extends { 'application/json': infer J } ? J : never;

/** Parameters and bodies as the contract types them; they were validated before an operation sees them. */
export type PathOf<Id extends OperationId> = operations[Id]['parameters']['path'];
export type QueryOf<Id extends OperationId> = NonNullable<operations[Id]['parameters']['query']>;
export type BodyOf<Id extends OperationId> = operations[Id] extends { requestBody?: infer B }
  ? Content<NonNullable<B>>[keyof Content<NonNullable<B>>]
  : never;

/** What 200 answers as JSON; void where the contract says the body is empty. */
export type AnswerOf<Id extends OperationId> = operations[Id]['responses'] extends { 200: infer R }
  ? [Json<Content<R>>] extends [never]
    ? void
    : Json<Content<R>>
  : never;

/** An answer that is not JSON: TOML or PVSchema. */
export class TextAnswer {
  readonly contentType: string;
  readonly text: string;

  constructor(contentType: string, text: string) {
    this.contentType = contentType;
    this.text = text;
  }
}

/** An answer that is raw bytes, `application/octet-stream`. */
export class BytesAnswer {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** An answer that is sent as it is made, however long it is. What its making throws before the first piece is answered; later it breaks the connection off. */
export class StreamAnswer {
  readonly contentType: string;
  readonly chunks: AsyncIterable<Buffer>;

  constructor(contentType: string, chunks: AsyncIterable<Buffer>) {
    this.contentType = contentType;
    this.chunks = chunks;
  }
}

/** An answer without a body, 204. */
export class EmptyAnswer {}

/** A request that failed, as far as it was read before it did. */
export interface FailedRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Undefined where it was not found who is calling. */
  readonly principal: Principal | undefined;
  /** What is in force, or was when it was last seen; undefined: it never was. */
  readonly metadata: Metadata | undefined;
}

/** What is answered in place of an error of the vault's own form. A null body: none. */
export interface FailureAnswer {
  readonly status: number;
  readonly body: object | null;
}

/**
 * One operation of the contract. It reads as its story: load, decide, record, reveal or change, return. It must have recorded
 * (`call.record`) before it returns a value or changes anything; the frame around it records what it throws.
 */
export interface Operation<Id extends OperationId = OperationId> {
  readonly id: Id;
  run(
    call: Call<Id>,
    vault: Vault,
  ): Promise<AnswerOf<Id> | TextAnswer | BytesAnswer | StreamAnswer | EmptyAnswer>;
  /** Milliseconds after which the request fails with PV9100, guards included. Absent or undefined: its caller waits. */
  withinMs?(path: Readonly<Record<string, string>>): number | undefined;
  /** How a failure is put for a caller that understands another form; null: as everywhere. It is recorded and counted as the failure it is. */
  presentFailure?(error: VaultError, request: FailedRequest): FailureAnswer | null;
}
