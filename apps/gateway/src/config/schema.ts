import { strategies, type StrategyName } from '@spillway/core';
import { z } from 'zod';
import { admin } from './admin-keys.ts';
import { auth } from './auth-keys.ts';
import { clients } from './client-keys.ts';
import { endpoint } from './endpoint.ts';
import { cooldown, hedge, outlier, retryBudget } from './failure-keys.ts';
import {
  backendName,
  flag,
  mapOf,
  numberBetween,
  ONE_DAY_MS,
  oneOf,
  secret,
  text,
  wholeNumber,
} from './fields.ts';
import { fallbacks } from './fallback-keys.ts';
import { limits, timeouts } from './limit-keys.ts';
import { backendTls, entraKeys, keyFile, serverTls } from './network-keys.ts';
import { stream } from './stream-keys.ts';
import { priorityClasses, quota, quotaKeys, waitingRoom } from './quota-keys.ts';
import { state } from './state-keys.ts';
import { basePath, cors } from './server-keys.ts';

/**
 * Every key: its meaning, its default, its bounds. Defaults live only here and in the key files beside this one;
 * docs/configuration.md is generated from them.
 */

const MAX_WEIGHT = 1_000_000;
const THIRTY_DAYS_MS = 30 * ONE_DAY_MS;
const A_LIST = 'a list of backends, each of which begins with "- "';
const AT_LEAST_ONE = 'at least one backend, as BACKEND_1_URL in the environment or a list in the file';

const backend = mapOf({
  name: backendName()
    .describe('The name of this backend in responses, logs and errors. Default: `backend-<n>`.')
    .optional(),
  url: endpoint().describe(
    'The endpoint of the resource or of a Foundry project. The API’s own path, such as `/openai/v1/` or `/mai/v1/…`, is left out; any other is kept as a prefix.',
  ),
  priority: wholeNumber(0, 1000)
    .default(1)
    .describe('Lower is preferred; backends of equal priority form a group.'),
  weight: numberBetween(0, MAX_WEIGHT)
    .default(1)
    .describe(
      'Share of the group’s traffic, relative to the others. `most-headroom` multiplies it by the share of the quota that is ' +
        'left; `round-robin` ignores it. 0 drains the backend: it serves its stored objects, and other requests only when no ' +
        'other backend is available.',
    ),
  tags: z
    .array(backendName(), 'a list of tags')
    .meta({ allowed: 'a list of tags' })
    .describe(
      'Labels of the backend, such as `eu`. Clients with `allow` use only backends that have all tags listed there.',
    )
    .optional(),
  maxInFlight: wholeNumber(1, 1_000_000)
    .describe(
      'Requests under way here at once, streams and sessions included, each on a connection of its own. Further requests ' +
        'spill to the next backend, as if this one had no quota left. Default: as many as `limits.inFlight` allows.',
    )
    .optional(),
  apiKey: secret()
    .describe('The resource’s key. Without one, Microsoft Entra ID is used (`DefaultAzureCredential`).')
    .optional(),
  apiKeyFile: keyFile(
    'The resource’s key, in a file that may change while the gateway runs, such as a mounted secret. Instead of `apiKey`.',
  ),
  ...entraKeys,
  tls: backendTls.describe('Certificates, if no public authority signed the backend’s.').optional(),
  deployment: text()
    .describe('The deployment that serves every request here, whatever deployment the request names.')
    .optional(),
  deployments: z
    .record(text(), text(), 'a map from requested to actual deployment names')
    .describe(
      'Requested deployment, in any letter case → its name here. Names that are not listed stay as they are.',
    )
    .optional(),
  ...quotaKeys,
  quotas: z
    .record(text(), mapOf(quotaKeys), 'a map from deployments to `tpm`, `rpm`, `quotaGroup` and `spillAt`')
    .describe(
      '`tpm`, `rpm`, `quotaGroup` and `spillAt` of single deployments, by their names here. They replace the backend’s own values.',
    )
    .optional(),
});

const ownership = mapOf({
  maxEntries: wholeNumber(1, 10_000_000)
    .default(100_000)
    .describe(
      'The number of stored objects (files, responses, items of responses, threads …) whose backend is remembered. For a ' +
        'forgotten object, every backend is asked. The same number of sealed contents (encrypted reasoning, compactions) is ' +
        'remembered as well, by hash.',
    ),
  ttlMs: wholeNumber(1, 365 * ONE_DAY_MS)
    .default(THIRTY_DAYS_MS)
    .describe(
      'How long an object’s backend is remembered after the object was last created, asked for or changed.',
    ),
});

/** The whole configuration, in the form of a file. */
export const configSchema = mapOf({
  host: text().default('127.0.0.1').describe('The address to listen on; `0.0.0.0` for every interface.'),
  port: wholeNumber(0, 65_535).default(8080).describe('The port to listen on; 0 for any free one.'),
  server: mapOf({
    basePath: basePath()
      .describe(
        'A path that clients put before the API’s own, such as `/openai-load-balancing`, like the suffix of an API in API ' +
          'Management. The API can be reached without it as well. `/` and this path answer 200, for probes.',
      )
      .optional(),
    tls: serverTls
      .describe('Serves HTTPS instead of HTTP: some clients send keys over HTTPS only.')
      .optional(),
  })
    .describe('How clients reach the gateway.')
    .optional(),
  cors: cors.optional(),
  auth: auth.prefault({}),
  clients: clients.optional(),
  fallbacks: fallbacks.optional(),
  admin: admin.prefault({}).describe('The listener for operators. `false` in the file overrides variables.'),
  backends: z
    .array(backend, { error: ({ input }) => (input === undefined || input === null ? AT_LEAST_ONE : A_LIST) })
    .min(1, AT_LEAST_ONE)
    .meta({ allowed: AT_LEAST_ONE })
    .describe('The Azure OpenAI resources to use.'),
  strategy: oneOf(Object.keys(strategies) as [StrategyName, ...StrategyName[]])
    .default('most-headroom')
    .describe(
      'How a backend is chosen within the first priority group that has one available. `most-headroom` knows how much of each ' +
        'quota is left and skips backends without room for the request; the other strategies find out from a 429.',
    ),
  timeouts: timeouts.prefault({}),
  stream: stream.prefault({}),
  quota: quota.prefault({}),
  cooldown: cooldown.prefault({}),
  outlier: outlier.prefault({}),
  retryBudget: retryBudget.prefault({}),
  hedge: hedge.prefault({}),
  waitingRoom: waitingRoom.optional(),
  priorityClasses: priorityClasses.optional(),
  limits: limits.prefault({}),
  ownership: ownership.prefault({}),
  state: state.optional(),
  allowBackendPin: flag()
    .default(false)
    .describe(
      'Lets clients choose the backend with a header `x-spillway-backend: name`. No other backend then serves the request.',
    ),
  exposeBackendUrl: flag()
    .default(false)
    .describe(
      'Adds `x-openai-backendurl` to responses, as the Azure sample does. It shows your endpoints to clients.',
    ),
  logLevel: oneOf(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('The lowest level of log lines to write; request lines are `info`.'),
  logSuccesses: numberBetween(0, 1)
    .default(1)
    .describe(
      'The share of plain successes that are logged: 0.01 for one in a hundred. Requests that failed, spilled, waited, took ' +
        'several attempts or did not end well are always logged. A sampled line says its `share`, with which `spillway ' +
        'simulate` weights it; with 0 it cannot, and is far too optimistic.',
    ),
});

/** A configuration as written: keys with a default may be left out. */
export type ConfigInput = z.input<typeof configSchema>;

/** A complete, valid configuration. */
export type Config = z.output<typeof configSchema>;

/** One backend of a configuration. */
export type BackendConfig = Config['backends'][number];
