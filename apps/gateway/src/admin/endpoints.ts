import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { formats } from '../telemetry/metrics/exposition.ts';
import type { AdminParts } from './admin-parts.ts';
import { AdminError, sendNothing, sendText } from './admin-error.ts';
import { backendsPage, describeBackends } from './describe-backends.ts';
import { clientsPage, describeClients } from './describe-clients.ts';
import { maskConfig } from './mask-config.ts';
import { collectMetrics, formatFor } from './metrics-page.ts';
import { act, actionAnswer, type ActionName } from './operator-actions.ts';
import { describeReload, reloadAnswer } from './reload-answer.ts';
import { failovers, stateSnapshot } from './snapshot.ts';
import { readUsageQuery, usageQuery } from './usage-query.ts';
import { sendUsage, sendUsageCsv, usagePage } from './usage-report.ts';

/** The parts of a request that an endpoint gets. */
interface AdminRequest {
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** One endpoint for operators: how it is served, and its description in the OpenAPI document. */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'delete';
  /** Parameters are in braces. */
  readonly path: string;
  readonly summary: string;
  /** Whether it needs no token. */
  readonly isOpen?: boolean;
  /** The parameters that its query may have. */
  readonly query?: Readonly<Record<string, z.ZodType>>;
  readonly body?: z.ZodType;
  /** The answer's schema; undefined for an empty one. */
  readonly answer?: z.ZodType;
  /** The possible content types; `application/json` if left out. */
  readonly contentTypes?: readonly string[];
  /** Statuses of errors beyond those that any endpoint may have. */
  readonly errors?: readonly number[];
  /** Returns the value to send as JSON, or a promise of it; undefined if it has sent its own response. */
  serve(request: AdminRequest, parts: AdminParts): unknown;
}

const METRICS: Endpoint = {
  method: 'get',
  path: '/metrics',
  summary: 'All metrics, for Prometheus: in OpenMetrics if the `Accept` header prefers that.',
  answer: z.string(),
  contentTypes: Object.values(formats),
  async serve({ request, response }, { metrics }) {
    const format = formatFor(request.headers.accept);
    sendText(response, 200, await collectMetrics(metrics, format), { 'content-type': formats[format] });
  },
};

const READS: readonly Endpoint[] = [
  METRICS,
  {
    ...METRICS,
    path: '/admin/metrics',
    summary: 'The same for a page, whose cookie is valid below `/admin/` only.',
  },
  {
    method: 'get',
    path: '/admin/state',
    summary: 'The whole state at this moment, as the live page shows it.',
    answer: stateSnapshot,
    serve: (_, { live }) => live.snapshot(),
  },
  {
    method: 'get',
    path: '/admin/events',
    summary:
      'A snapshot of the state each second, as server-sent events called `snapshot`; at most 50 viewers.',
    answer: z.string(),
    contentTypes: ['text/event-stream'],
    errors: [503],
    serve({ request, response }, { live, sessions }) {
      const isAllowed = () => sessions.isKnown(request, Date.now());
      live.events.add(request, response, live.snapshot(), isAllowed);
    },
  },
  {
    method: 'get',
    path: '/admin/backends',
    summary: 'The full state of the process, of every backend and of each of its deployments.',
    answer: backendsPage,
    serve(_, { current, describeProcess }) {
      const { pool, room, nowMs } = current();
      const now = nowMs();
      const backends = describeBackends(pool.report(now), now);
      return { process: describeProcess(), waiting: room?.sizes, backends };
    },
  },
  {
    method: 'get',
    path: '/admin/clients',
    summary: 'Every configured client, and how much of each of its budgets it has spent.',
    answer: clientsPage,
    serve: (_, { current, live }) => describeClients(current(), live.traffic.clients, Date.now()),
  },
  {
    method: 'get',
    path: '/admin/failovers',
    summary: 'The last failovers.',
    answer: z.strictObject({ failovers }),
    serve: (_, { live }) => ({ failovers: live.snapshot().failovers }),
  },
  {
    method: 'get',
    path: '/admin/usage',
    summary: 'What each client has used, by day, deployment and backend.',
    query: usageQuery,
    answer: usagePage,
    errors: [400],
    serve: ({ request, response }, { usage }) =>
      sendUsage(usage, readUsageQuery(request.url, Date.now()), response),
  },
  {
    method: 'get',
    path: '/admin/usage.csv',
    summary: 'The same as a table (RFC 4180), with a row of names first.',
    query: usageQuery,
    answer: z.string(),
    contentTypes: ['text/csv; charset=utf-8; header=present'],
    errors: [400],
    serve: ({ request, response }, { usage }) =>
      sendUsageCsv(usage, readUsageQuery(request.url, Date.now()), response),
  },
  {
    method: 'get',
    path: '/admin/config',
    summary: 'The configuration in effect, with its defaults and without its secrets.',
    answer: z.looseObject({}),
    serve: (_, { current }) => maskConfig(current().config),
  },
  {
    method: 'get',
    path: '/admin/reload',
    summary: 'The result of the last time that the configuration was read again.',
    answer: reloadAnswer,
    serve: (_, { reloader }) => describeReload(reloader.report),
  },
];

const ACTIONS: Readonly<Record<ActionName, string>> = {
  drain: 'Takes it out: no new requests except for stored objects and pinned ones; requests under way go on.',
  undrain: 'Puts it back into service.',
  'clear-cooldown': 'Ends its cooldowns: the next request is the probe.',
};

const NOTHING = z.strictObject({});
const SESSION = z.strictObject({ token: z.string() });

const WRITES: readonly Endpoint[] = (Object.keys(ACTIONS) as ActionName[]).flatMap((action) =>
  [`/admin/backends/{backend}/${action}`, `/admin/backends/{backend}/deployments/{deployment}/${action}`].map(
    (path): Endpoint => ({
      method: 'post',
      path,
      summary: ACTIONS[action],
      body: NOTHING,
      answer: actionAnswer,
      errors: [400, 403, 404, 413, 415],
      serve({ parameters: { backend = '', deployment } }, { current, live, log }) {
        const answer = act(action, { backend, deployment }, current(), live.traffic.changes);
        log.info({ action, backend, deployment, state: answer.state }, 'an operator acted');
        return answer;
      },
    }),
  ),
);

const RELOAD: Endpoint = {
  method: 'post',
  path: '/admin/reload',
  summary: 'Reads the configuration again, and returns the result. A wrong configuration changes nothing.',
  body: NOTHING,
  answer: reloadAnswer,
  errors: [400, 403, 409, 413, 415],
  async serve(_, { reloader }) {
    if (reloader.report.file === undefined)
      throw new AdminError(
        409,
        'There is no configuration file to read again: all settings come from the environment.',
      );
    return describeReload(await reloader.reload('operator'));
  },
};

const SESSIONS: readonly Endpoint[] = [
  {
    method: 'post',
    path: '/admin/session',
    summary: 'Begins a session for a page: a cookie in exchange for the token.',
    isOpen: true,
    body: SESSION,
    errors: [400, 403, 413, 415],
    serve({ body, request, response }, { sessions }) {
      if (!sessions.isToken((body as z.output<typeof SESSION>).token)) throw unauthorized();
      sendNothing(response, { 'set-cookie': sessions.begin(request, Date.now()) });
    },
  },
  {
    method: 'delete',
    path: '/admin/session',
    summary: 'Ends the session.',
    isOpen: true,
    serve({ request, response }, { sessions }) {
      const ended = sessions.end(request);
      sendNothing(response, ended === undefined ? {} : { 'set-cookie': ended });
    },
  },
];

/** All endpoints for operators except the OpenAPI document that describes them. */
export const endpoints: readonly Endpoint[] = [...READS, ...WRITES, RELOAD, ...SESSIONS];

/** The one response to a wrong token, a stale cookie, or none. */
export function unauthorized(): AdminError {
  return new AdminError(401, 'A valid token is needed.', { 'www-authenticate': 'Bearer' });
}
