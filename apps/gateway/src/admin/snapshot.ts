import { z } from 'zod';
import { processState } from './snapshot-process.ts';
import { amount, count, totals } from './snapshot-totals.ts';

/**
 * The state of the gateway at one moment, as the live page and the admin API show it. Times are spans in ms before or
 * after that moment, as a viewer's clock may differ. Unknown fields are absent. The schemas describe it in the OpenAPI
 * document.
 */

export const stateWord = z
  .enum(['available', 'probing', 'full', 'cooling', 'throttled', 'draining'])
  .describe(
    '`probing`: recovering from a cooldown, and its probes are under way. `full`: no quota left. `cooling`: in a cooldown ' +
      'for failures. `throttled`: in a cooldown because it answered 429. `draining`: taken out by an operator.',
  );

const stateFields = {
  state: stateWord,
  why: z
    .string()
    .optional()
    .describe('Such as `429` or `connection refused`; while it is cooling or throttled.'),
  recoversInMs: count().optional().describe('Until its cooldown ends or it has room, as far as is known.'),
};

export const limitWord = z
  .enum(['tokens', 'requests', 'concurrent', 'day', 'month'])
  .describe(
    '`tokens` and `requests`: of any 60 seconds. `concurrent`: requests at once. `day` and `month`: tokens, in UTC.',
  );

const group = z.strictObject({
  priority: z.int(),
  requestsPerSecond: amount().describe('Requests that it serves, over the last 10 seconds.'),
  spilledIn: z
    .array(
      z.strictObject({
        fromPriority: z.int(),
        cause: z.enum(['throttled', 'full', 'utilization', 'failing', 'slow', 'declined', 'draining']),
        requestsPerSecond: amount(),
      }),
    )
    .describe('Those of them that another group could not serve, and why; the largest first.'),
  spilledAgoMs: count().optional().describe('Since the last of these; left out if there are none.'),
});

const deploymentNumbers = {
  rpm: count().describe('Attempts in the last minute, whatever their outcome.'),
  tpm: count().describe('Tokens in the last minute, as answers report them.'),
  absorbed429s: count().describe('429s in the last minute that clients did not see.'),
  p50Ms: amount().optional().describe('From the start of an attempt to its answer’s head.'),
  p95Ms: amount().optional(),
  limitTokens: amount().optional().describe('Per minute.'),
  remainingTokens: count().optional(),
  othersTokens: count()
    .optional()
    .describe(
      'Of the tokens that are not left, those used by others than this gateway, as far as answers show.',
    ),
  limitRequests: amount().optional().describe('As the backend reports it: per minute or 10 s.'),
  remainingRequests: count().optional(),
  utilization: amount().optional().describe('The share of provisioned throughput in use.'),
};

const deployment = z.strictObject({
  name: z.string().describe('At the backend.'),
  requestedAs: z
    .array(z.string())
    .max(8)
    .optional()
    .describe('Other names in requests that its backend’s configuration maps to it.'),
  ...stateFields,
  ...deploymentNumbers,
  quotaGroup: z
    .string()
    .optional()
    .describe('Its quota is shared by all that name the same group, here and at other backends.'),
});

const notShown = z.strictObject({
  taking: count().describe('How many of the deployments take requests.'),
  ...deploymentNumbers,
});

const backend = z.strictObject({
  name: z.string(),
  priority: z.int(),
  weight: amount(),
  tags: z.array(z.string()).optional().describe('Labels that clients may be limited to; left out if none.'),
  servesAllAs: z
    .string()
    .optional()
    .describe(
      'The deployment there that serves every request, whatever it names; left out if there is none.',
    ),
  ...stateFields,
  rps: amount().describe('Requests per second that its deployments serve, over the last 10 seconds.'),
  brokenOffPerSecond: amount()
    .optional()
    .describe('Its responses and sessions that were broken off, over the last 10 seconds; left out if none.'),
  inFlight: count().describe('Attempts under way, streams included.'),
  deployments: z
    .array(deployment)
    .max(8)
    .describe(
      'Of those that it is known to have, the drained ones, then others that take no requests, then the busiest.',
    ),
  deploymentsLeftOut: count().optional().describe('How many more there are.'),
  notShown: notShown
    .optional()
    .describe(
      'The deployments that are left out, and requests for none, such as for files: sums, the slowest of them, and the fullest of provisioned throughput.',
    ),
});

const clientLimit = z.strictObject({
  limit: limitWord,
  deployments: z
    .array(z.string())
    .max(3)
    .optional()
    .describe('Those that it covers, or the first of them; left out if it covers all.'),
  deploymentsLeftOut: count().optional().describe('How many more it covers.'),
  limitValue: amount(),
  used: count().describe('Reservations for requests under way included; may be more than the limit.'),
  resetInMs: count()
    .optional()
    .describe('Until all of it is free again, if no more is used; for a day or a month, until that ends.'),
});

const client = z.strictObject({
  name: z.string(),
  inFlight: count().optional().describe('Requests that its budgets cover; left out if it has none.'),
  rpm: count().describe('Requests that ended in the last minute.'),
  tpm: count()
    .optional()
    .describe(
      'Tokens of the last minute that backends served: as answers report them, or as estimated where they do not; left out if none.',
    ),
  refused: count().describe('Of `rpm`, those that were refused before any backend was asked.'),
  overBudget: count().describe('Of `rpm`, those that its own budgets refused.'),
  limits: z.array(clientLimit).max(6).describe('Of all its budgets, the fullest first.'),
  limitsLeftOut: count().optional().describe('How many more there are.'),
});

const failover = z.strictObject({
  deployment: z.string().describe('At the backend that failed.'),
  from: z.string(),
  reason: z.string(),
  to: z.string(),
  fallback: z.string().optional().describe('The deployment that was asked for there, if it is a fallback.'),
  count: z.int().min(1),
  sinceMs: count().describe('Since the first of them.'),
  agoMs: count().describe('Since the last of them.'),
});

const event = z.strictObject({
  agoMs: count(),
  backend: z.string(),
  deployment: z.string().optional().describe('Left out if it is the backend as a whole.'),
  from: stateWord,
  to: stateWord,
  why: z.string().optional(),
});

/** The failovers of a snapshot. */
export const failovers = z
  .array(failover)
  .max(20)
  .describe('The newest first; alike ones in short succession are one.');

/** The whole state at one moment. */
export const stateSnapshot = z.strictObject({
  version: z.string().describe('Of the gateway.'),
  atMs: count().describe('By the gateway’s clock, in ms since 1970.'),
  process: processState,
  totals,
  groups: z.array(group).describe('By priority, the most preferred first.'),
  backends: z.array(backend).describe('In the order of the configuration.'),
  clients: z
    .array(client)
    .max(50)
    .optional()
    .describe(
      'Those first that have the fullest budgets or take the largest share of the tokens; left out if none is configured.',
    ),
  clientsLeftOut: count().optional().describe('How many more there are.'),
  clientTags: z
    .array(z.array(z.string()))
    .max(8)
    .optional()
    .describe('The tags that clients are limited to: each of them to backends that have all of one entry.'),
  largestClient: z
    .strictObject({ name: z.string(), share: z.number().min(0.5).max(1) })
    .optional()
    .describe(
      'The client that takes more than half of the tokens that backends serve, by `tpm`; left out if none does, or if there is no other.',
    ),
  failovers,
  events: z
    .array(event)
    .max(8)
    .describe(
      'Changes of state, the newest first; alike ones in short succession are one. Becoming full is none, nor is a probe.',
    ),
});

export type StateSnapshot = z.output<typeof stateSnapshot>;
export type StateWord = z.output<typeof stateWord>;
export type ProcessState = z.output<typeof processState>;
export type TotalsState = z.output<typeof totals>;
export type GroupState = z.output<typeof group>;
export type BackendSnapshot = z.output<typeof backend>;
export type DeploymentSnapshotState = z.output<typeof deployment>;
export type NotShown = z.output<typeof notShown>;
/** The traffic and the quota of a deployment, or of several. */
export type DeploymentNumbers = Omit<NotShown, 'taking'>;
export type ClientSnapshot = z.output<typeof client>;
export type ClientLimit = z.output<typeof clientLimit>;
export type StateEvent = z.output<typeof event>;
/** A state, its reason and its duration. */
export type Standing = Pick<BackendSnapshot, 'state' | 'why' | 'recoversInMs'>;
