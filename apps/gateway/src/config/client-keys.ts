import { budgetLimits, priorityClasses as classes } from '@spillway/core';
import { z } from 'zod';
import { guid } from './auth-keys.ts';
import { anyKeyOf, backendName, flag, mapOf, oneOf, text, trimmed, wholeNumber } from './fields.ts';

const CLIENTS = 'a list of clients, each of which begins with "- "';
const KEYS = 'a list of keys, of which at most two are valid at a time';
const SHA256 = 'the SHA-256 of a key, as 64 hexadecimal digits';
const DATE_TIME = 'a date and time with its offset, such as 2027-01-31T00:00:00Z';
const NAMES = 'a list of names of deployments';
const TEXTS = 'a list of texts';
const APPLICATIONS = 'a list of the GUIDs of applications';
const BUDGETS = 'a list of budgets, each with at least one limit';

const MAX_VALID_KEYS = 2;

const key = mapOf({
  sha256: trimmed(/^[\dA-Fa-f]{64}$/, SHA256)
    .transform((text) => text.toLowerCase())
    .meta({ allowed: SHA256 })
    .describe(
      'The SHA-256 of the key. `spillway keys create` makes a key and prints this; any other key may be hashed too.',
    ),
  expires: z.iso
    .datetime({ offset: true, error: DATE_TIME })
    .meta({ allowed: DATE_TIME })
    .describe('From then on the key is refused. Default: never.')
    .optional(),
  disabled: flag().default(false).describe('Refuses the key.'),
});

/** Returns how many keys of a list are valid at one time. */
function countValid(keys: readonly z.output<typeof key>[], nowMs: number): number {
  return keys.filter(({ disabled, expires }) => !disabled && !(Date.parse(expires ?? '') <= nowMs)).length;
}

const budget = mapOf({
  deployments: z
    .array(text(), NAMES)
    .min(1, NAMES)
    .meta({ allowed: NAMES })
    .describe('The deployments that share this budget. Default: all that the client may use.')
    .optional(),
  tpm: wholeNumber(1, 1_000_000_000).describe('Tokens per minute.').optional(),
  rpm: wholeNumber(1, 100_000_000).describe('Requests per minute.').optional(),
  concurrent: wholeNumber(1, 1_000_000)
    .describe('Requests under way at once, streams and sessions included.')
    .optional(),
  tokensPerDay: wholeNumber(1, Number.MAX_SAFE_INTEGER).describe('Tokens per day, in UTC.').optional(),
  tokensPerMonth: wholeNumber(1, Number.MAX_SAFE_INTEGER).describe('Tokens per month, in UTC.').optional(),
})
  .refine((limits) => budgetLimits.some((name) => limits[name] !== undefined), {
    message: 'a map with at least one of tpm, rpm, concurrent, tokensPerDay and tokensPerMonth',
  })
  .meta(anyKeyOf(...budgetLimits));

const client = mapOf({
  name: backendName().describe('The client’s name in logs, metrics and budgets.'),
  keys: z
    .array(key, KEYS)
    .refine((keys) => countValid(keys, Date.now()) <= MAX_VALID_KEYS, KEYS)
    .meta({ allowed: KEYS })
    .describe(
      'Its keys, sent as `api-key`, as `Authorization: Bearer`, or in any of the ways that [clients and ' +
        'keys](clients-and-keys.md#where-a-credential-may-stand) lists.',
    )
    .optional(),
  entra: mapOf({
    applications: z
      .array(guid(), APPLICATIONS)
      .default([])
      .meta({ allowed: APPLICATIONS })
      .describe(
        'The client ids of the applications (`azp` or `appid` of their tokens) that are this client.',
      ),
    roles: z
      .array(text(), TEXTS)
      .default([])
      .meta({ allowed: TEXTS })
      .describe(
        'A caller with one of these app roles is this client, unless its application belongs to another.',
      ),
  })
    .refine(({ applications, roles }) => applications.length + roles.length > 0, {
      message: 'a map with at least one of applications and roles',
    })
    .meta(anyKeyOf('applications', 'roles'))
    .describe('The tokens of Microsoft Entra ID that identify this client.')
    .optional(),
  deployments: z
    .array(text(), NAMES)
    .meta({ allowed: NAMES })
    .describe('The deployments that it may use, by the names in requests. Default: any.')
    .optional(),
  class: oneOf(classes)
    .describe('The priority class of its requests. Default: `priorityClasses.default`.')
    .optional(),
  allow: z
    .array(backendName(), TEXTS)
    .default([])
    .meta({ allowed: TEXTS })
    .describe('Its requests go only to backends that have all of these tags. Default: to any backend.'),
  budgets: z
    .array(budget, BUDGETS)
    .default([])
    .meta({ allowed: BUDGETS })
    .describe('The limits on its usage.'),
  maxOutputTokens: wholeNumber(1, 10_000_000)
    .describe('The maximum of output tokens that one of its requests may ask for.')
    .optional(),
  allOperations: flag()
    .default(false)
    .describe(
      'A client with `deployments` or `budgets` can use only operations that name a deployment. This allows all others too, ' +
        'such as those of files, batches, vector stores and assistants.',
    ),
  allObjects: flag()
    .default(false)
    .describe('Lets it use stored objects of other clients, and those whose client is not known.'),
});

/** The clients. */
export const clients = z
  .array(client, CLIENTS)
  .meta({ allowed: CLIENTS })
  .describe('The clients that may call, and what each of them may use.');
