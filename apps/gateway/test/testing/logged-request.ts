import type { LoggedRequest } from '../../src/what-if/log/logged-request.ts';
import { parseLine } from '../../src/what-if/log/parse-line.ts';
import { LOG_START_MS, logLine } from './log-line.ts';

/** Returns a logged request that arrived at a time (ms since the log's start), with these differences in its line. */
export function loggedAt(atMs: number, different: Readonly<Record<string, unknown>> = {}): LoggedRequest {
  const parsed = parseLine(logLine({ time: LOG_START_MS + atMs + 1000, totalMs: 1000, ...different }));
  if (parsed.kind !== 'request') throw new Error(`the line is ${JSON.stringify(parsed)}`);
  return parsed.request;
}
