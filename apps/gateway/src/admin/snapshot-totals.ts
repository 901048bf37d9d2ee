import { z } from 'zod';
import { EXHAUSTED_CAUSES } from '../telemetry/metrics/label-values.ts';

export const count = () => z.int().min(0);
export const amount = () => z.number().min(0);

/** The part of a snapshot that says what all clients together have seen. */
export const totals = z.strictObject({
  requestsPerSecond: amount().describe('Over the last 10 seconds.'),
  fallbacksPerSecond: amount()
    .optional()
    .describe(
      'Of these, those that another deployment served than the one that they asked for; left out if none.',
    ),
  unservedPerSecond: amount()
    .optional()
    .describe('Of these, those that ended without a good answer, for whatever reason; left out if none.'),
  leftPerSecond: amount()
    .optional()
    .describe('Of those, the ones whose client left before its response began; left out if none.'),
  refusedPerSecond: amount().describe(
    '429s and 5xx that clients saw, over the last 10 seconds, without those of clients that have spent their own budgets, after too many failed authentications, or for an unknown transfer coding.',
  ),
  refusedFor: z
    .array(
      z.strictObject({
        cause: z.enum([...EXHAUSTED_CAUSES, 'issuer-unavailable', 'internal', 'relayed']),
        requestsPerSecond: amount(),
      }),
    )
    .optional()
    .describe(
      'The same by cause, the largest first; left out if there were none. `throttled`: no backend had quota left. ' +
        '`overloaded`: the gateway itself had no room. `relayed`: a backend’s own answer was passed on.',
    ),
  brokenOffPerSecond: amount()
    .optional()
    .describe(
      'Responses and sessions that the backend or the gateway broke off, over the last 10 seconds, without sessions that were idle or asked for what their client may not have; left out if none.',
    ),
  hurtForMs: count()
    .optional()
    .describe('Since the first of those refused or broken off, while there are more; left out if none is.'),
  hurtAgoMs: count().optional().describe('Since the last of these.'),
  spillingForMs: count()
    .optional()
    .describe('Since the first request that spilled, while there are more; left out if none does.'),
  tokensPerMinute: count().describe('Over the last minute, as answers report them.'),
  ofKnownLimits: z
    .strictObject({ tokensPerMinute: count(), limitTokens: amount() })
    .optional()
    .describe(
      'Of these, those of deployments whose limit on tokens is known, and the sum of these limits; a shared one counts once. Left out if none is known.',
    ),
  client429s: count().describe(
    'That clients saw in the last five minutes, without those after too many failed authentications.',
  ),
  client5xx: count().describe('That clients saw in the last five minutes.'),
  clientBrokenOff: count()
    .optional()
    .describe(
      'Responses and sessions that were broken off, in the last five minutes, without sessions that were idle or asked for what their client may not have; left out if none.',
    ),
  overBudget: z
    .strictObject({
      refusedPerSecond: amount().describe('429s and 403s, over the last 10 seconds.'),
      clients: count().describe('How many clients saw these.'),
      client429s: count().describe('Of `client429s`.'),
    })
    .optional()
    .describe('Refusals because of clients’ own budgets; left out if there were none in five minutes.'),
  overheadP99Ms: amount().optional().describe('Added by the gateway itself, over the last minute.'),
  firstByteP95Ms: amount()
    .optional()
    .describe('From a request’s beginning to its response’s, over the last minute.'),
});
