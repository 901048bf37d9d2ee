import { mapOf, ONE_GIGABYTE, wholeNumber } from './fields.ts';

/** How much the process takes on. */
export const limits = mapOf({
  replayBytes: wholeNumber(1, ONE_GIGABYTE)
    .default(20 * 1024 * 1024)
    .describe(
      'Request bodies up to this size are kept in memory so that any backend can be sent them. Larger ones stream to ' +
        'one backend as they arrive: no other is tried, and the response says `x-spillway-replay: none`.',
    ),
  bodyBytes: wholeNumber(1, ONE_GIGABYTE)
    .default(512 * 1024 * 1024)
    .describe('The largest request body. Azure takes files of 512 MB.'),
  connections: wholeNumber(1, 1_000_000)
    .default(10_000)
    .describe(
      'Client connections. Requests on those beyond it are answered with 503; a tenth more, and connections are closed at once.',
    ),
  inFlight: wholeNumber(1, 1_000_000)
    .default(5000)
    .describe(
      'Requests under way at once, streams and sessions included; beyond it they are answered with 503.',
    ),
  keptBytes: wholeNumber(1, 1024 * ONE_GIGABYTE)
    .describe(
      'All kept request bodies together. Beyond it bodies over 64 KB stream to one backend, as those over ' +
        '`limits.replayBytes` do; beyond twice as much requests are answered with 503. Default: a quarter of `limits.memoryBytes`.',
    )
    .optional(),
  memoryBytes: wholeNumber(1, 1024 * ONE_GIGABYTE)
    .describe(
      'The memory that the process may use. With more than nine tenths of it in use, or of V8’s heap limit, requests are ' +
        'answered with 503. Default: the container’s limit (cgroup), or the machine’s memory where it has none.',
    )
    .optional(),
  headerBytes: wholeNumber(1024, 1_048_576).default(16_384).describe('All request headers together.'),
});
