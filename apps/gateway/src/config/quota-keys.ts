import { priorityClasses as classes } from '@spillway/core';
import { z } from 'zod';
import {
  flag,
  mapOf,
  numberBetween,
  ONE_DAY_MS,
  ONE_GIGABYTE,
  oneOf,
  secret,
  text,
  wholeNumber,
} from './fields.ts';

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

const CLIENTS = 'a list of keys and classes, each key once';

function eachKeyOnce(list: readonly { readonly key: string }[], context: z.core.$RefinementCtx): void {
  for (const [index, { key }] of list.entries()) {
    const first = list.findIndex((other) => other.key === key);
    const message = `a key other than that of priorityClasses.clients[${first}]`;
    if (first < index) context.addIssue({ code: 'custom', path: [index, 'key'], message });
  }
}

const client = mapOf({
  key: secret().describe(
    'The key that a client sends to the gateway, as `api-key` or as a bearer token in `Authorization`.',
  ),
  class: oneOf(classes).describe('The class of its requests.'),
});

const reserves = mapOf({
  interactive: numberBetween(0, 1)
    .default(0.05)
    .describe('The share of every quota that only interactive requests may take.'),
  standard: numberBetween(0, 1)
    .default(0.1)
    .describe('The share beside it that only interactive and standard requests may take.'),
}).refine(({ interactive, standard }) => interactive + standard < 1, {
  path: ['standard'],
  message: 'together with priorityClasses.reserves.interactive below 1',
});

/** Which requests come first where quota is short. */
export const priorityClasses = mapOf({
  default: oneOf(classes)
    .default('standard')
    .describe('The class of all other requests: the most urgent is `interactive`, the least is `batch`.'),
  allowHeader: flag()
    .default(false)
    .describe(
      'Lets clients say the class in a header `x-spillway-priority`. Those of `priorityClasses.clients` can only lower theirs.',
    ),
  clients: z
    .array(client, CLIENTS)
    .superRefine(eachKeyOnce)
    .meta({ allowed: CLIENTS })
    .describe('Clients whose requests have a class of their own.')
    .optional(),
  reserves: reserves.prefault({}),
});
