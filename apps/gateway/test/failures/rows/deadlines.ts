import { chatBody, chatPath } from '../../testing/post.ts';
import { posts } from '../clients.ts';
import type { FailureRow } from '../failure-row.ts';

/** What limits how long, and how often, a request is tried. */
export const deadlines: readonly FailureRow[] = [
  {
    title: 'a and b never answer, and `overallMs` passes',
    backends: ['hang', 'hang'],
    config: { timeouts: { responseHeadersMs: 150, overallMs: 250, minAttemptMs: 0 } },
    sees: '504 error GatewayTimeout, 2 attempts',
    rests: 'gpt-4o at a, cooling, 10 s',
    logged: '504 complete (out-of-time), a unreachable (header-timeout), b unreachable (header-timeout)',
  },
  {
    title: 'a never answers, and less than `minAttemptMs` is left for b',
    backends: ['hang', 'ok'],
    config: { timeouts: { responseHeadersMs: 150, overallMs: 250, minAttemptMs: 200 } },
    sees: '504 error GatewayTimeout, 1 attempt',
    rests: 'gpt-4o at a, cooling, 10 s',
    logged: '504 complete (out-of-time), a unreachable (header-timeout)',
  },
  {
    title: 'a never answers, and the client’s own `x-stainless-timeout` passes',
    backends: ['hang', 'ok'],
    client: posts(chatPath, chatBody, { headers: { 'x-stainless-timeout': '0.2' } }),
    sees: '504 error GatewayTimeout, 1 attempt',
    rests: 'nobody',
    logged: '504 complete (out-of-time), a unreachable (header-timeout)',
  },
  {
    title: 'a never answers, and `hedge.afterMs` passes',
    backends: ['hang', 'ok'],
    config: { hedge: { afterMs: 50 } },
    sees: '200 chat.completion, from b, 2 attempts',
    rests: 'nobody',
    logged: '200 complete, a aborted, b succeeded (200)',
  },
  {
    title: 'a answers 500, and the retry budget is spent',
    backends: ['status(500)', 'ok'],
    config: { retryBudget: { share: 0, minRetriesPerSecond: 0 } },
    sees: '503 error ServiceUnavailable, 1 attempt',
    rests: 'gpt-4o at a, cooling, 10 s',
    logged: '503 complete (retries-spent), a unavailable (500)',
  },
  {
    title: 'a is throttled, and the retry budget is spent',
    backends: ['throttle(30)', 'ok'],
    config: { retryBudget: { share: 0, minRetriesPerSecond: 0 } },
    sees: '200 chat.completion, from b, 2 attempts',
    rests: 'gpt-4o at a, throttled, 30 s',
    logged: '200 complete, a throttled (429), b succeeded (200)',
  },
];
