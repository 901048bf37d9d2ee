import type { Mock } from '@spillway/mock-openai';
import { freePort } from '../../testing/free-port.ts';
import { chatPath } from '../../testing/post.ts';
import { rawRequest } from '../../testing/raw-client.ts';
import { posts, sendsAndThen } from '../clients.ts';
import type { FailureRow } from '../failure-row.ts';

/** A chat that is larger than the part of it that is kept. */
const LARGE = { messages: [{ role: 'user', content: 'Hello'.repeat(100_000) }] };

const LIMITS = { limits: { replayBytes: 100_000 } };
const head = rawRequest('POST', chatPath, ['Content-Length: 500000']);

/** Requests over `limits.replayBytes`, which cannot be sent to a second backend. */
export const largeBodies: readonly FailureRow[] = [
  large('answers 200', 'ok', {
    sees: '200 chat.completion, from a, 1 attempt',
    logged: '200 complete, a succeeded (200)',
  }),
  large('is throttled', 'throttle(30)', {
    sees: '429 error 429, from a, 1 attempt, retry-after: 30',
    cooldowns: 'gpt-4o at a, throttled, 30 s',
    logged: '429 complete, a throttled (429)',
  }),
  large('answers 500', 'status(500)', {
    sees: '500 error server_error, from a, 1 attempt',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '500 complete, a unavailable (500)',
  }),
  large('resets the connection', 'reset', {
    sees: '502 error BadGateway, 1 attempt',
    cooldowns: 'a as a whole, cooling, 10 s',
    logged: '502 complete (not-replayable), a unreachable (reset)',
  }),
  large('refuses connections', async () => ({ url: `http://127.0.0.1:${await freePort()}` }), {
    sees: '200 chat.completion, from b, 2 attempts',
    cooldowns: 'a as a whole, cooling, 10 s',
    logged: '200 complete, a unreachable (refused), b succeeded (200)',
  }),
  {
    title: 'the client leaves within a body that is too large to be kept',
    backends: ['ok', 'ok'],
    config: LIMITS,
    client: sendsAndThen(`${head}${'x'.repeat(200_000)}`, async ({ socket }, { servers }) => {
      while ((servers[0] as Mock).counters.open === 0) await new Promise(setImmediate);
      socket.resetAndDestroy();
    }),
    sees: [],
    cooldowns: 'nobody',
    logged: '499 abandoned, a aborted',
  },
];

function large(
  what: string,
  a: FailureRow['backends'][number],
  { sees, cooldowns = 'nobody', ...expected }: { sees: string; cooldowns?: string; logged: string },
): FailureRow {
  return {
    title: `a ${what}, and the request is too large to be kept`,
    backends: [a, 'ok'],
    config: LIMITS,
    client: posts(chatPath, LARGE),
    cooldowns,
    ...expected,
    sees: `${sees}, x-spillway-replay: none`,
  };
}
