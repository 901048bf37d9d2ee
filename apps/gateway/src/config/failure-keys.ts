import { mapOf, numberBetween, ONE_DAY_MS, wholeNumber, wholeNumberOr } from './fields.ts';

/** When occasional failures, which healthy backends have too, cause a cooldown. */
export const outlier = mapOf({
  share: numberBetween(0.01, 1)
    .default(0.3)
    .describe(
      'A backend is taken out when its requests succeed less often than its peers’ by more than this share: at 0.3, below 70 ' +
        '% of their rate. Failures that all backends share take none of them out, and the last backend is never taken out for ' +
        'this.',
    ),
  consecutiveFailures: wholeNumber(1, 1000)
    .default(3)
    .describe(
      'The number of failures in a row that takes a backend out when failures are rare. When they are common, at this backend ' +
        'or at the best of its peers, it takes more. Failures are 5xx without a `Retry-After`, resets and timeouts, never 429. ' +
        'As many answers in a row that break off in their middle take the deployment out there, too.',
    ),
});

/** How long cooldowns are. */
export const cooldown = mapOf({
  defaultMs: wholeNumber(1, ONE_DAY_MS)
    .default(10_000)
    .describe(
      'The cooldown of a backend that did not say how long to wait. After failures, each further cooldown is twice as long as ' +
        'the last, until none has begun for ten times the length of the last, or for `cooldown.ceilingMs` if that is less. It ' +
        'does not grow where the next try costs no client an answer: after 5xx, resets and hedged silence, while other backends ' +
        'serve. If a backend could not be connected to, the gateway tries to connect every second, without a request, and uses ' +
        'it again as soon as that works.',
    ),
  floorMs: wholeNumber(1, ONE_DAY_MS).default(100).describe('The shortest cooldown.'),
  ceilingMs: wholeNumber(1, ONE_DAY_MS)
    .default(300_000)
    .describe('The longest cooldown; after it the backend is tried again.'),
}).refine(({ floorMs, ceilingMs }) => floorMs <= ceilingMs, {
  path: ['floorMs'],
  message: 'at most cooldown.ceilingMs',
});

/** How many retries there may be. */
export const retryBudget = mapOf({
  share: numberBetween(0, 10)
    .default(0.2)
    .describe(
      'Retries after failures, and hedges, allowed as a share of the requests of the last ten seconds. Retries after a 429 do ' +
        'not count. Beyond this share failures are not retried, so that an outage does not double the load on the backends that ' +
        'still work.',
    ),
  minRetriesPerSecond: numberBetween(0, 100_000)
    .default(10)
    .describe('The number of retries per second that are always allowed, however few requests there are.'),
});

/** When a second backend is tried because the first is late. */
export const hedge = mapOf({
  afterMs: wholeNumberOr(1, ONE_DAY_MS, ['auto', 'never'])
    .default('auto')
    .describe(
      'After this time without an answer, another backend gets the same request. The first answer wins, and the other attempt ' +
        'is aborted; a backend that was silent three times in a row (`outlier.consecutiveFailures`) goes into cooldown. `auto`: ' +
        'a second, or longer where the deployment’s answers take longer: three times their usual time, and more than 999 of ' +
        '1,000 took, learned for streams and sessions, and for others; until 20 are known, five seconds, or three times the longest of ' +
        'them, for one request at a time. Only for requests that create no object, and within `retryBudget`; three others ' +
        'in a row that are late put a backend into cooldown, too.',
    ),
});
