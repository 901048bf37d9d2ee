import type { IncomingHttpHeaders } from 'node:http';
import type { Timing } from '@spillway/core';
import type { Config } from '../config/schema.ts';

const MEGABYTE = 1_048_576;

/** Answers how long a request may take that is whole now: what is configured for its size, or less if its client says so. */
export function timingOf(
  headers: IncomingHttpHeaders,
  bodyBytes: number,
  { overallMs, responseHeadersMs = overallMs, perMegabyteMs, minAttemptMs }: Config['timeouts'],
  nowMs: number,
): Timing {
  const sizeMs = (bodyBytes / MEGABYTE) * perMegabyteMs;
  const clientMs = readClientMs(headers['x-stainless-timeout']);
  return {
    deadlineMs: nowMs + Math.min(overallMs + sizeMs, clientMs),
    attemptMs: responseHeadersMs + sizeMs,
    minAttemptMs,
  };
}

/** Seconds, as OpenAI's SDKs send them; they round down, so that 0 is less than a second and means nothing. */
function readClientMs(header: string | string[] | undefined): number {
  const seconds = Number(header);
  return seconds > 0 ? seconds * 1000 : Number.POSITIVE_INFINITY;
}
