import type { Backend, Verdict } from '@spillway/core';
import type { Exchange } from './exchange.ts';

/*
 * What each step of a request puts into its record.
 */

/** The request has arrived. */
export function noteRequest(exchange: Exchange, { body }: { readonly body: Buffer | undefined }): void {
  exchange.requestBytes = body?.length ?? 0;
}

/** It is known where it goes. */
export function noteRoute(
  exchange: Exchange,
  { deployment, operation }: { readonly deployment: string; readonly operation: string },
): void {
  exchange.deployment = deployment;
  exchange.operation = operation;
}

/** Its failover has ended, after what it may have waited for quota. */
export function noteVerdict(
  exchange: Exchange,
  verdict: Verdict<Backend, unknown>,
  { waitedMs }: { readonly waitedMs: number },
  nowMs: number,
): void {
  exchange.attempts = verdict.attempts;
  exchange.waitedMs = waitedMs;
  if (verdict.kind === 'exhausted') exchange.cause = verdict.cause;
  if (verdict.kind !== 'abandoned') exchange.respondedMs = nowMs;
}

/** Its response has been passed on, or as much of it as there was. */
export function noteRelayed(
  exchange: Exchange,
  { ending, bytes }: { readonly ending: Exchange['ending']; readonly bytes: number },
): void {
  exchange.ending = ending;
  exchange.responseBytes = bytes;
}

/** It is over. */
export function noteEnd(exchange: Exchange, status: number, nowMs: number): void {
  exchange.status = status;
  exchange.endedMs = nowMs;
}
