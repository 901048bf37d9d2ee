import { mapOf, ONE_DAY_MS, wholeNumber } from './fields.ts';

/** How event streams are passed on. */
export const stream = mapOf({
  holdMs: wholeNumber(0, ONE_DAY_MS)
    .default(10_000)
    .describe(
      'From having a whole request: for so long at most is an event stream held back that has only been announced ' +
        '(`response.created`, a role, comments), so that another backend can still be tried if an error follows. Keep it ' +
        'below the time that balancers in front allow to the first byte (Application Gateway: 20 s).',
    ),
  heartbeatMs: wholeNumber(1, ONE_DAY_MS)
    .describe(
      'After so long without a byte within an event stream the client gets a comment (`: keep-alive`), which SDKs pass over, ' +
        'so that nothing in between takes the stream for dead while a model thinks. Never inside an event, nor in a packed ' +
        'stream. Default: none.',
    )
    .optional(),
});
