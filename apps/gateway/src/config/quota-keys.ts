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

/** The settings of a quota; those left out are learned from the backend's answers. */
export const quotaKeys = {
  tpm: wholeNumber(1, 1_000_000_000)
    .describe(
      'Tokens per minute. Set it to use less than the backend allows, or if the backend does not report its limit. ' +
        'For provisioned throughput, input tokens per minute. Default: learned from answers.',
    )
    .optional(),
  rpm: wholeNumber(1, 100_000_000).describe('Requests per minute. Default: learned from answers.').optional(),
  quotaGroup: text()
    .describe(
      'Deployments and backends that name the same group share one quota: one count, and one cooldown.',
    )
    .optional(),
  spillAt: numberBetween(0, 1)
    .describe(
      'For provisioned throughput (PTU): once this share of it is in use, requests go elsewhere if any other backend has ' +
        'room. Until then it is preferred within its group. Default: only once it refuses.',
    )
    .optional(),
};

/** The windows in which quotas are counted. */
export const quota = mapOf({
  tokenWindowMs: wholeNumber(100, ONE_DAY_MS)
    .default(60_000)
    .describe(
      'The window in which tokens per minute are counted. Azure’s is a minute; tests use shorter ones.',
    ),
  requestWindowMs: wholeNumber(10, ONE_DAY_MS)
    .default(10_000)
    .describe(
      'The window in which Azure counts requests, against that window’s share of `rpm`: 10 s, or 1 s for some models.',
    ),
});

const ONE_HOUR_MS = 3_600_000;
/** The waiting of requests for quota. */
export const waitingRoom = mapOf({
  maxWaitMs: wholeNumber(1, ONE_HOUR_MS).describe(
    'When every backend that could serve a request is throttled, but one recovers within this time, the request is held and ' +
      'sent as soon as there is room. No request is held longer than this, or past its own deadline; one that would have to ' +
      'wait longer is refused at once. Default: no request is held.',
  ),
  maxRequests: wholeNumber(1, 1_000_000)
    .default(1000)
    .describe(
      'The maximum number of requests held. When the room is full, the latest requests of the lowest class make way for more ' +
        'urgent ones; all others are refused at once with 429.',
    ),
  maxBytes: wholeNumber(1, 64 * ONE_GIGABYTE)
    .default(64 * 1024 * 1024)
    .describe('The bodies of all held requests together.'),
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
    .describe('The further share of every quota that only interactive and standard requests may take.'),
}).refine(({ interactive, standard }) => interactive + standard < 1, {
  path: ['standard'],
  message: 'together with priorityClasses.reserves.interactive below 1',
});

/** The order of requests when quota is short. */
export const priorityClasses = mapOf({
  default: oneOf(classes)
    .default('standard')
    .describe(
      'The class of requests without one of their own. `interactive` is the most urgent, `batch` the least.',
    ),
  allowHeader: flag()
    .default(false)
    .describe(
      'Lets clients choose the class with the header `x-spillway-priority`. Those in `priorityClasses.clients` can only lower theirs.',
    ),
  clients: z
    .array(client, CLIENTS)
    .superRefine(eachKeyOnce)
    .meta({ allowed: CLIENTS })
    .describe('Clients whose requests have a class of their own.')
    .optional(),
  reserves: reserves.prefault({}),
});
