import { mapOf, numberBetween, wholeNumber } from './fields.ts';

/** When failures that healthy backends have too, now and then, are reason to rest. */
export const outlier = mapOf({
  share: numberBetween(0.01, 1)
    .default(0.3)
    .describe(
      'A backend whose requests succeed so much less often than its peers’ rests: at 0.3, below 70 % of their share. ' +
        'What fails as often everywhere takes nobody out, and the last one is never taken out for this.',
    ),
  consecutiveFailures: wholeNumber(1, 1000)
    .default(3)
    .describe(
      'So many failures in a row are enough where failures are rare; where they are usual, of this backend or of the ' +
        'best of its peers, it takes more. Counted are 5xx without a `Retry-After`, resets and timeouts, never 429.',
    ),
});
