import { mapOf, ONE_DAY_MS, ONE_GIGABYTE, wholeNumber } from './fields.ts';

/** How much the process accepts at once. */
export const limits = mapOf({
  replayBytes: wholeNumber(1, ONE_GIGABYTE)
    .default(26 * 1024 * 1024)
    .describe(
      'Request bodies up to this size are kept in memory so that any backend can be sent them. Larger ones stream to ' +
        'one backend as they arrive: no other is tried, and the response says `x-spillway-replay: none`. Azure takes ' +
        'recordings of 25 MB, whose forms may name their model after the file.',
    ),
  bodyBytes: wholeNumber(1, ONE_GIGABYTE)
    .default(512 * 1024 * 1024)
    .describe('The largest request body. Azure takes files of 512 MB.'),
  connections: wholeNumber(1, 1_000_000)
    .default(10_000)
    .describe(
      'Client connections. Requests on further connections get a 503; connections beyond 110 % of it are reset at once.',
    ),
  inFlight: wholeNumber(1, 1_000_000)
    .default(5000)
    .describe('Requests under way at once, streams and sessions included; further ones get a 503.'),
  keptBytes: wholeNumber(1, 1024 * ONE_GIGABYTE)
    .describe(
      'All kept request bodies together. Beyond it, bodies over 64 KB stream to one backend, as those over ' +
        '`limits.replayBytes` do, or get a 503 where the rights or budgets of their client require that they are read whole; ' +
        'beyond twice as much, requests get a 503. Default: a quarter of `limits.memoryBytes`.',
    )
    .optional(),
  memoryBytes: wholeNumber(1, 1024 * ONE_GIGABYTE)
    .describe(
      'The memory that the process may use. When more than nine tenths of it, or of V8’s heap limit, are in use, requests get ' +
        'a 503. Default: the container’s limit (cgroup), or the machine’s memory if there is none.',
    )
    .optional(),
  headerBytes: wholeNumber(1024, 1_048_576)
    .default(16_384)
    .describe(
      'All request headers together. Where tokens of Microsoft Entra ID are accepted, at least 32768.',
    ),
});

/** How long clients, backends and the gateway itself may take. */
export const timeouts = mapOf({
  connectMs: wholeNumber(1, ONE_DAY_MS)
    .default(5000)
    .describe('Connecting to a backend, TLS included; then the next one is tried.'),
  attemptMs: wholeNumber(1, ONE_DAY_MS)
    .default(100_000)
    .describe(
      'One attempt, from its beginning to the backend’s response headers (or the first event of a stream); then the next ' +
        'backend is asked as well, and the client gets the first answer of the two. If no other backend could follow, an ' +
        'attempt has all the time that is left. At most `timeouts.overallMs`.',
    ),
  overallMs: wholeNumber(1, ONE_DAY_MS)
    .default(230_000)
    .describe(
      'From the end of a request to the beginning of its response, all attempts together; then it ends with a 504. ' +
        'Azure’s ingresses cut connections off at 240 s. A client’s own limit (`x-stainless-timeout` or ' +
        '`x-stainless-read-timeout`, in seconds, at most a day) is used instead, shorter or longer.',
    ),
  perMegabyteMs: wholeNumber(0, ONE_DAY_MS)
    .default(0)
    .describe(
      'Added to `attemptMs` and `overallMs` for each megabyte of the request, because a long prompt may take longer.',
    ),
  minAttemptMs: wholeNumber(0, ONE_DAY_MS)
    .default(500)
    .describe('With less time than this left, a request is not tried at another backend.'),
  responseIdleMs: wholeNumber(1, ONE_DAY_MS)
    .default(300_000)
    .describe('Silence inside a backend’s response; then the client’s response is broken off.'),
  requestHeadersMs: wholeNumber(1, ONE_DAY_MS)
    .default(15_000)
    .describe('A client sending its request headers.'),
  requestMs: wholeNumber(1, ONE_DAY_MS).default(300_000).describe('A client sending its whole request.'),
  clientStallMs: wholeNumber(1, ONE_DAY_MS)
    .default(60_000)
    .describe(
      'A client, or a backend in a session, that reads nothing of what is sent to it; then it is cut off.',
    ),
  sessionIdleMs: wholeNumber(1, ONE_DAY_MS)
    .default(300_000)
    .describe('A realtime session without a byte in either direction; then it is cut off.'),
  maxResponseMs: wholeNumber(1, ONE_DAY_MS)
    .describe(
      'The longest time for a response or a session, from its first byte to its last; then it is cut off. Default: none.',
    )
    .optional(),
  connectionMaxAgeMs: wholeNumber(1, ONE_DAY_MS)
    .default(300_000)
    .describe(
      'The maximum age of a connection to a backend, so that changes of its address in DNS take effect.',
    ),
  keepAliveMs: wholeNumber(1, ONE_DAY_MS)
    .default(75_000)
    .describe('An idle client connection. Make it longer than the idle time of a balancer in front.'),
  lameDuckMs: wholeNumber(0, ONE_DAY_MS)
    .default(3000)
    .describe(
      'How long everything is still served after SIGTERM, with `Connection: close`, while `/readyz` answers 503, so that ' +
        'balancers can notice. SIGINT (Ctrl-C) skips it.',
    ),
  shutdownMs: wholeNumber(0, ONE_DAY_MS)
    .default(30_000)
    .describe('How long running requests may take after that; then they are cut off.'),
});
