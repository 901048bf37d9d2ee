/** The beginning of the tests' logs: 2026-09-21, 14:13:20 UTC. */
export const LOG_START_MS = 1_790_000_000_000;

/**
 * Returns a line of the gateway's log: a chat completion of 100 tokens that east served in a second, with these
 * differences.
 */
export function logLine(different: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    level: 30,
    time: LOG_START_MS + 1_000,
    id: 'secret-id-1',
    status: 200,
    ending: 'complete',
    method: 'POST',
    operation: 'chat/completions',
    deployment: 'gpt-4o',
    backend: 'east',
    attempts: [{ backend: 'east', outcome: 'succeeded', status: 200, ms: 1000 }],
    estimate: { promptTokens: 60, outputTokens: 40 },
    requestBytes: 240,
    responseBytes: 900,
    firstByteMs: 1000,
    totalMs: 1000,
    msg: 'request',
    ...different,
  });
}
