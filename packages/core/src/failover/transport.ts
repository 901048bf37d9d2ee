import type { Attempt, AttemptResult } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import type { Lease } from '../pool/lease.ts';
import type { WaitingRoom } from '../waiting/waiting-room.ts';
import type { Timing } from './deadline.ts';

/** When another attempt may run beside a slow one. */
export interface Hedging {
  /** The time without an answer after which it is sent; `auto` is several times the usual time. */
  readonly afterMs: number | 'auto';
}

/** An attempt that did not answer in the time it was given. It is still under way. */
export interface Overdue<Body> {
  readonly kind: 'overdue';
  /** Whether any byte of the request may have reached the backend. */
  readonly wasSent: boolean;
  /** Whether the response has begun, though it cannot be judged yet. */
  readonly isAnswering: boolean;
  /** Gives it more time. */
  waitFor(ms: number): Promise<Progress<Body>>;
  /** Ends it at once, with the known part of its response, or as a failure. */
  giveUp(): Promise<Progress<Body>>;
}

/** The state of an attempt at the end of the time it was given. */
export type Progress<Body> = AttemptResult<Body> | Overdue<Body>;

/** A client whose request may have to wait for quota. */
export interface WaitingClient {
  readonly hasLeft: boolean;
  /** The wait to abort if the client leaves. */
  current: { abort(): void } | undefined;
  /** How long it has waited, in ms. */
  waitedMs: number;
  /** Since when it waits, including other attempts in between; undefined before its first wait. */
  waitsSinceMs?: number | undefined;
}

/** How a request may wait while everything that could serve it is throttled. */
export interface Waiting {
  readonly room: WaitingRoom;
  readonly client: WaitingClient;
  /** The bytes held for it meanwhile. */
  readonly bytes: number;
}

/** Sends one request's attempts, and discards the bodies nobody will read. */
export interface Transport<B extends Backend, Body> {
  /** How long the request may take. */
  readonly timing: Timing;
  /** When another attempt may run beside a slow one; absent where none may. */
  readonly hedging?: Hedging | undefined;
  /** How the request may wait for quota; absent where it may not. */
  readonly waiting?: Waiting | undefined;
  /**
   * Notes a lease the moment it is taken, so that whatever ends the request can end the lease too, whatever happens in
   * between.
   */
  hold?(lease: Lease<B>): void;
  /**
   * Sends an attempt. Returns its progress by the end of the given time at the latest. Never rejects: a failure is a
   * result.
   */
  forward(attempt: Attempt<B>, timeMs: number): Promise<Progress<Body>>;
  /** Ends an attempt whose answer nobody needs any more; its result comes at once or is worthless. */
  abort(attempt: Attempt<B>): void;
  discard(body: Body): void;
  /** Whether the request asks for a stream. */
  isStream?(): boolean;
  /** Whether the request's body went to a backend without a copy, so that it cannot be sent to another. */
  isBodyGone?(): boolean;
}
