import { mapOf, numberBetween, ONE_DAY_MS, text, wholeNumber } from './fields.ts';

/** What is known of a quota; what is left out is learned from the backend's answers. */
export const quotaKeys = {
  tpm: wholeNumber(1, 1_000_000_000)
    .describe(
      'Tokens per minute, if less is to be spent than the backend allows or it does not tell its limit. ' +
        'Of provisioned throughput, input tokens per minute. Default: learned from answers.',
    )
    .optional(),
  rpm: wholeNumber(1, 100_000_000).describe('Requests per minute. Default: learned from answers.').optional(),
  quotaGroup: text()
    .describe(
      'Deployments and backends that name the same group draw on one quota: they count and rest together.',
    )
    .optional(),
  spillAt: numberBetween(0, 1)
    .describe(
      'For provisioned throughput (PTU): the share in use from which requests go elsewhere if anything else has room. ' +
        'It is preferred within its group until then. Default: when it refuses.',
    )
    .optional(),
};

/** The windows that quotas are counted in. */
export const quota = mapOf({
  tokenWindowMs: wholeNumber(100, ONE_DAY_MS)
    .default(60_000)
    .describe(
      'The window in which tokens per minute are counted. Azure’s is a minute; tests have shorter ones.',
    ),
  requestWindowMs: wholeNumber(10, ONE_DAY_MS)
    .default(10_000)
    .describe(
      'The window in which Azure allows its share of requests per minute: 10 s, for some models 1 s.',
    ),
});
