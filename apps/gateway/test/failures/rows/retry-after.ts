import type { FailureRow } from '../failure-row.ts';
import { moves } from '../misbehaving-server.ts';

/** All ways in which a backend says, or does not say, when to come back. */
export const retryAfter: readonly FailureRow[] = [
  cooldowns('`Retry-After: 20`', ['Retry-After: 20'], '20 s'),
  cooldowns('`Retry-After: 12.5`', ['Retry-After: 12.5'], '12.5 s'),
  cooldowns('`Retry-After: 6m0s`, over the ceiling', ['Retry-After: 6m0s'], '60 s'),
  cooldowns('`retry-after-ms: 7500`', ['retry-after-ms: 7500'], '7.5 s'),
  cooldowns(
    '`retry-after-ms: 20000` and `Retry-After: 50`',
    ['Retry-After: 50', 'retry-after-ms: 20000'],
    '20 s',
  ),
  cooldowns(
    '`retry-after-ms: soon` and `Retry-After: 50`',
    ['Retry-After: 50', 'retry-after-ms: soon'],
    '50 s',
  ),
  cooldowns(
    '`x-ms-retry-after-ms: 7500`, as Azure’s SDKs read it too',
    ['x-ms-retry-after-ms: 7500', 'Retry-After: 50'],
    '7.5 s',
  ),
  cooldowns('an HTTP-date 40 s after its own `Date`', [dateAt(0), retryAt(40)], '40 s'),
  cooldowns('an HTTP-date 40 s before its own `Date`', [dateAt(40), retryAt(0)], '5 s'),
  cooldowns(
    'an HTTP-date of the obsolete form',
    [dateAt(0), 'Retry-After: Sunday, 06-Nov-94 08:50:07 GMT'],
    '30 s',
  ),
  cooldowns('an HTTP-date, but no `Date`', [retryAt(40)], '10 s'),
  cooldowns('`Retry-After: 0`, under the floor', ['Retry-After: 0'], '5 s'),
  cooldowns('`retry-after-ms: 0`, under the floor', ['retry-after-ms: 0'], '5 s'),
  cooldowns('`Retry-After: 86400`, over the ceiling', ['Retry-After: 86400'], '60 s'),
  cooldowns('`Retry-After: -1`', ['Retry-After: -1'], '10 s'),
  cooldowns('`Retry-After: soon`', ['Retry-After: soon'], '10 s'),
  cooldowns('`Retry-After: 1e3`', ['Retry-After: 1e3'], '10 s'),
  cooldowns('an empty `Retry-After`', ['Retry-After:'], '10 s'),
  cooldowns('two `Retry-After`, 20 and 40', ['Retry-After: 20', 'Retry-After: 40'], '10 s'),
  cooldowns('`x-ratelimit-reset-requests: 20`', ['x-ratelimit-reset-requests: 20'], '20 s'),
  cooldowns('`x-ratelimit-reset-tokens: 30s`', ['x-ratelimit-reset-tokens: 30s'], '30 s'),
  cooldowns(
    '`x-rate-limit-reset-tokens: 30`, as Azure misspells it',
    ['x-rate-limit-reset-tokens: 30'],
    '30 s',
  ),
  cooldowns(
    'resets of a spent limit (20 s) and of one that is not (50 s)',
    [
      'x-ratelimit-remaining-requests: 0',
      'x-ratelimit-reset-requests: 20',
      'x-ratelimit-remaining-tokens: 900',
      'x-ratelimit-reset-tokens: 50',
    ],
    '20 s',
  ),
  cooldowns(
    'resets of two spent limits, 20 s and 50 s',
    [
      'x-ratelimit-remaining-requests: 0',
      'x-ratelimit-reset-requests: 20',
      'x-ratelimit-remaining-tokens: 0',
      'x-ratelimit-reset-tokens: 50',
    ],
    '50 s',
  ),
  cooldowns(
    '`x-ratelimit-reset-tokens: 0` and -1 tokens left, which says nothing',
    ['x-ratelimit-remaining-tokens: -1', 'x-ratelimit-reset-tokens: 0'],
    '10 s',
  ),
  cooldowns(
    'the reset of Claude’s spent limit, 33 s after its own `Date`, and of one that is not spent',
    [
      'Date: Sat, 29 Nov 2025 08:00:01 GMT',
      'anthropic-ratelimit-requests-remaining: 0',
      'anthropic-ratelimit-requests-reset: 2025-11-29T08:00:34Z',
      'anthropic-ratelimit-tokens-remaining: 900',
      'anthropic-ratelimit-tokens-reset: 2025-11-29T08:00:59Z',
    ],
    '33 s',
  ),
  cooldowns('only the text “Please retry after 25 seconds.”', [], '25 s', 'Please retry after 25 seconds.'),
  cooldowns(
    'only the text “Try again in 40 seconds.”',
    [],
    '40 s',
    'Rate limit is exceeded. Try again in 40 seconds.',
  ),
  cooldowns(
    'only the text “Please retry after 86400 seconds.”',
    [],
    '60 s',
    'Please retry after 86400 seconds.',
  ),
  cooldowns('only the text “Please try again in 12.5s.”', [], '12.5 s', 'Please try again in 12.5s. Go to …'),
  cooldowns('nothing', [], '10 s'),
];

function dateAt(seconds: number): string {
  return `Date: ${httpDate(seconds)}`;
}

function retryAt(seconds: number): string {
  return `Retry-After: ${httpDate(seconds)}`;
}

/** A long time ago, so that using the gateway's own clock would show. */
function httpDate(seconds: number): string {
  return new Date(Date.UTC(1994, 10, 6, 8, 49, 37 + seconds)).toUTCString();
}

function cooldowns(
  what: string,
  headers: readonly string[],
  duration: string,
  message = 'Too many requests',
): FailureRow {
  const body = JSON.stringify({ error: { code: '429', message } });
  const head = ['HTTP/1.1 429 Too Many Requests', 'Content-Type: application/json', ...headers];
  return {
    title: `a answers 429 with ${what}`,
    backends: [moves(`${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`), 'ok'],
    sees: '200 chat.completion, from b, 2 attempts',
    cooldowns: `gpt-4o at a, throttled, ${duration}`,
    logged: '200 complete, a throttled (429), b succeeded (200)',
  };
}
