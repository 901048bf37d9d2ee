import type { Attempt, AttemptResult } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import type { Lease } from '../pool/lease.ts';
import type { WaitingRoom } from '../waiting/waiting-room.ts';
import type { Timing } from './deadline.ts';

/** An attempt that is under way. */
export interface Trial<B extends Backend> {
  readonly attempt: Attempt<B>;
  readonly lease: Lease<B>;
  /** How long it may take to its response's headers. */
  readonly timeLimitMs: number;
}

/** How a second attempt may run beside a slow first one. */
export interface Hedging<B extends Backend = Backend> {
  /** Starts to wait; the time is up when the promise resolves, unless the wait is cancelled before. */
  wait(): { readonly isOver: Promise<undefined>; cancel(): void };
  /** Ends an attempt that is under way; its result comes at once or is worth nothing. */
  abort(attempt: Attempt<B>): void;
}

/** A client whose request may have to wait for quota. */
export interface WaitingClient {
  readonly hasLeft: boolean;
  /** What to abort if it leaves. */
  current: { abort(): void } | undefined;
  /** How long it has waited, in ms. */
  waitedMs: number;
  /** Since when it waits, other attempts in between included; undefined before it first had to. */
  waitsSinceMs?: number | undefined;
}

/** How a request may wait while all that could serve it is throttled. */
export interface Waiting {
  readonly room: WaitingRoom;
  readonly client: WaitingClient;
  /** How much is held of it meanwhile. */
  readonly bytes: number;
}

/** Sends one request's attempts, and gets rid of the bodies nobody will read. */
export interface Transport<B extends Backend, Body> {
  /** How long the request may take. */
  readonly timing: Timing;
  /** How a second attempt may run beside a slow first; absent where none may. */
  readonly hedging?: Hedging<B> | undefined;
  /** How the request may wait for quota; absent where it may not. */
  readonly waiting?: Waiting | undefined;
  /** Takes note of a lease the moment it is taken, so that whoever ends the request can end it, whatever happens in between. */
  hold?(lease: Lease<B>): void;
  /** Sends an attempt, and waits for its response's headers no longer than told. Never rejects: a failure is a result. */
  forward(attempt: Attempt<B>, timeLimitMs: number): Promise<AttemptResult<Body>>;
  discard(body: Body): void;
  /** Whether the request's body has gone to a backend without a copy, so that no other can be sent it. */
  isBodyGone?(): boolean;
}
