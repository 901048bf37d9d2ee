import { streams } from '../clients.ts';
import type { FailureRow, RowBackend } from '../failure-row.ts';
import { moves } from '../misbehaving-server.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n';
const ROLE = '{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}';
const FAILED_CHOICE = '{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}';
const ERROR = '{"error":{"code":"server_error","message":"Overloaded."}}';

/** Failures of a stream that has begun well, before and after its first content. */
export const firstEvents: readonly FailureRow[] = [
  failedOver('says that it is overloaded', 'error'),
  failedOver('says in an `event: error` that it is overloaded', 'error(form=event)'),
  failedOver('says that it is overloaded, with no `error` around it', 'error(shape=flat)'),
  failedOver('says `model_not_found`', 'error(code=model_not_found, type=invalid_request_error)'),
  failedOver(
    'says that it is overloaded, and ends without a blank line,',
    moves(`${HEAD}data: {"error":{"code":"server_error","message":"Overloaded."}}`, 'END'),
  ),
  failedOver('says in words that it is overloaded', moves(`${HEAD}data: Overloaded.\n\n`, 'END')),
  failedOver('says only that there is an error', moves(`${HEAD}data: {"error":true}\n\n`, 'END')),
  failedOver('says `finish_reason: error`', moves(`${HEAD}data: ${FAILED_CHOICE}\n\n`, 'END')),
  failedOver('says only [DONE]', moves(`${HEAD}data: [DONE]\n\n`, 'END')),
  failedOver('says the role and then [DONE]', moves(`${HEAD}data: ${ROLE}\n\ndata: [DONE]\n\n`, 'END')),
  failedOver('says that it is overloaded, in JSON instead of events,', moves(`${HEAD}${ERROR}`, 'END')),
  failedOver('ends the stream', 'truncate(after-chunks=1)'),
  {
    ...failedOver('resets the connection', 'reset(after-chunks=1)'),
    cooldowns: 'a as a whole, cooling, 10 s',
    logged: '200 complete, a unreachable (reset), b succeeded (200)',
  },
  {
    title: 'a closes the connection within the first event of a stream',
    backends: [moves(`${HEAD}data: {"choi`, 'END'), 'ok'],
    client: streams,
    sees: '200 stream, from b, 2 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '200 complete, a unavailable (200), b succeeded (200)',
  },
  {
    title: 'a falls silent within the first event of a stream, and `attemptMs` passes',
    backends: [moves(`${HEAD}data: {"choi`), 'ok'],
    // Far enough apart that they pass in this order on a busy machine too.
    config: { timeouts: { attemptMs: 600, responseIdleMs: 3000 } },
    client: streams,
    sees: '200 part of a body, from a, 1 attempt; then the connection breaks',
    cooldowns: 'nobody',
    logged: '200 interrupted, a succeeded (200)',
  },
  broken('ends the stream without [DONE]', 'truncate(after-chunks=6)'),
];

function failedOver(what: string, script: RowBackend): FailureRow {
  return {
    title: `a ${what} before the first content of a stream`,
    backends: [script, 'ok'],
    client: streams,
    sees: '200 stream, from b, 2 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '200 complete, a unavailable (200), b succeeded (200)',
  };
}

function broken(what: string, script: string): FailureRow {
  return {
    title: `a ${what} after the first content of a stream`,
    backends: [script, 'ok'],
    client: streams,
    sees: '200 part of a body, from a, 1 attempt; then the connection breaks',
    cooldowns: 'nobody',
    logged: '200 interrupted, a succeeded (200)',
  };
}
