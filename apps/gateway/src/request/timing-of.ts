import type { IncomingHttpHeaders } from 'node:http';
import type { Timing } from '@spillway/core';
import type { Config } from '../config/schema.ts';

const MEGABYTE = 1_048_576;
/** The longest time that a client can set. */
const MAX_CLIENT_MS = 86_400_000;

/** Returns how long a complete request may take: as configured for its size, or as its client says. */
export function timingOf(
  headers: IncomingHttpHeaders,
  bodyBytes: number,
  { overallMs, attemptMs, perMegabyteMs, minAttemptMs }: Config['timeouts'],
  nowMs: number,
): Timing {
  const sizeMs = (bodyBytes / MEGABYTE) * perMegabyteMs;
  // openai-node sends the first, openai-python the second.
  const clientMs = Math.min(
    readClientMs(headers['x-stainless-timeout']),
    readClientMs(headers['x-stainless-read-timeout']),
  );
  return {
    deadlineMs: nowMs + (clientMs === Number.POSITIVE_INFINITY ? overallMs + sizeMs : clientMs),
    attemptMs: Math.min(attemptMs, overallMs) + sizeMs,
    minAttemptMs,
  };
}

/** Seconds, as OpenAI's SDKs send them. One SDK rounds down, so 0 stands for less than a second and is ignored. */
function readClientMs(header: string | string[] | undefined): number {
  const seconds = Number(header);
  return seconds > 0 && seconds < Number.POSITIVE_INFINITY
    ? Math.min(seconds * 1000, MAX_CLIENT_MS)
    : Number.POSITIVE_INFINITY;
}
