import { priorityClasses as classes } from '@spillway/core';
import { z } from 'zod';
import { flag, mapOf, numberBetween, oneOf, secret } from './fields.ts';

const CLIENTS = 'a list of keys and classes, each key once';

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
    .refine((list) => new Set(list.map(({ key }) => key)).size === list.length, CLIENTS)
    .meta({ allowed: CLIENTS })
    .describe('Clients whose requests have a class of their own.')
    .optional(),
  reserves: reserves.prefault({}),
});
