import { mapOf, ONE_GIGABYTE, wholeNumber } from './fields.ts';

const ONE_HOUR_MS = 3_600_000;
/** Where requests wait for quota. */
export const waitingRoom = mapOf({
  maxWaitMs: wholeNumber(1, ONE_HOUR_MS).describe(
    'When everything that could serve a request is throttled, but not for longer than this, the request is held and sent the ' +
      'moment there is room, instead of being refused. No request is held longer, nor past its own deadline; what would take ' +
      'longer is refused at once. Default: nothing is held.',
  ),
  maxRequests: wholeNumber(1, 1_000_000)
    .default(1000)
    .describe(
      'So many requests are held at most. When the room is full, those of the lowest class that came last make place for ' +
        'more urgent ones; others are refused at once with 429.',
    ),
  maxBytes: wholeNumber(1, 64 * ONE_GIGABYTE)
    .default(64 * 1024 * 1024)
    .describe('The bodies of all requests that are held, together.'),
});
