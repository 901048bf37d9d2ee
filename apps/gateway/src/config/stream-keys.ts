import { mapOf, ONE_DAY_MS, wholeNumber } from './fields.ts';

/** How event streams are passed on. */
export const stream = mapOf({
  holdMs: wholeNumber(0, ONE_DAY_MS)
    .default(10_000)
    .describe(
      'How long an event stream that has only been announced (`response.created`, a role, comments) is held back at most, ' +
        'counted from the end of the request, so that another backend can still be tried if an error follows. Keep it below the ' +
        'time that balancers in front allow to the first byte (Application Gateway: 20 s).',
    ),
  heartbeatMs: wholeNumber(1, ONE_DAY_MS)
    .describe(
      'After this time without a byte within an event stream, the client gets a comment (`: keep-alive`), which SDKs ignore, ' +
        'so that nothing in between takes the stream for dead while a model thinks. Never inside an event or in a compressed ' +
        'stream. Default: none.',
    )
    .optional(),
});
