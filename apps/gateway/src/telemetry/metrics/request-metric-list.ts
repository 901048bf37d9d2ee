import type { Metric } from './metric.ts';
import type { Registry } from './registry.ts';

/** In seconds: from embeddings to models that think for minutes. */
const ANSWER_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const OVERHEAD_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25];
const WAIT_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counters of finished requests. `deployment` is the clients' name, except for attempts, which have the backend's. */
export const requestMetrics = {
  requests: {
    name: 'spillway_requests',
    type: 'counter',
    labels: ['deployment', 'backend', 'status'],
    help: 'Requests and sessions by the backend that served them (or none) and what clients saw: the class of the status, 429, or 499 for a client that left first.',
  },
  clientRequests: {
    name: 'spillway_client_requests',
    type: 'counter',
    labels: ['client', 'status'],
    help: 'Requests and sessions by the name of the client that sent them, and the status it saw. None if clients need not authenticate.',
  },
  budgetRefusals: {
    name: 'spillway_client_budget_refusals',
    type: 'counter',
    labels: ['client', 'status'],
    help: 'Those of them that the client’s own budgets refused: 429 for a minute or too many at once, 4xx (403) for a day or a month.',
  },
  authenticationFailures: {
    name: 'spillway_authentication_failures',
    type: 'counter',
    labels: ['reason'],
    help: 'Requests without a valid credential, by the reason; issuer-unavailable if a token could not be checked.',
  },
  throttledFailures: {
    name: 'spillway_throttled_authentication_failures',
    type: 'counter',
    labels: [],
    help: 'Those of them that got a 429 instead of a 401, as too many from their address had failed.',
  },
  attempts: {
    name: 'spillway_attempts',
    type: 'counter',
    labels: ['deployment', 'backend', 'outcome'],
    help: 'Attempts at backends by outcome.',
  },
  credentials: {
    name: 'spillway_credential_failures',
    type: 'counter',
    labels: ['backend', 'cause'],
    help:
      'Attempts that failed because a backend refused the gateway’s key, token or address (refused), because these do not ' +
      'permit the request (forbidden), or because there was no token to send (missing).',
  },
  spills: {
    name: 'spillway_spills',
    type: 'counter',
    labels: ['from_priority', 'to_priority', 'cause'],
    help: 'Requests served by a priority group other than the first, and why the first did not serve them.',
  },
  fallbacks: {
    name: 'spillway_fallbacks',
    type: 'counter',
    labels: ['deployment', 'cause'],
    help: 'Requests that a fallback served, by the deployment that they asked for, and why: no quota, the client’s budget, or a prompt that is too long.',
  },
  exhausted: {
    name: 'spillway_exhausted',
    type: 'counter',
    labels: ['cause'],
    help: 'Requests that no backend served, by the cause.',
  },
  refusals: {
    name: 'spillway_refusals',
    type: 'counter',
    labels: ['status'],
    help: 'Answers of the gateway itself, without asking a backend.',
  },
  broken: {
    name: 'spillway_broken_responses',
    type: 'counter',
    labels: ['ending'],
    help: 'Responses and sessions that did not end as they should: interrupted by the backend or the gateway, or abandoned by the client. Not those that a rule ended, such as an idle session.',
  },
  tokens: {
    name: 'spillway_tokens',
    type: 'counter',
    labels: ['deployment', 'backend', 'kind'],
    help: 'Tokens as answers report them; cached ones are part of the prompt, reasoning ones of the completion.',
  },
  untold: {
    name: 'spillway_answers_without_usage',
    type: 'counter',
    labels: ['deployment'],
    help: 'Successful answers to requests with a deployment that did not report their tokens, such as streams that were not asked to.',
  },
  estimates: {
    name: 'spillway_estimated_tokens',
    type: 'counter',
    labels: ['deployment', 'kind'],
    help: 'Tokens that requests were estimated to use before they were sent; completion is the maximum that they allow.',
  },
  clientTokens: {
    name: 'spillway_client_tokens',
    type: 'counter',
    labels: ['client', 'deployment', 'kind'],
    help: 'Tokens as answers report them, by client; cached ones are part of the prompt, reasoning ones of the completion.',
  },
  durations: {
    name: 'spillway_request_duration_seconds',
    type: 'histogram',
    labels: ['deployment'],
    buckets: ANSWER_BUCKETS,
    help: 'From the beginning of a request to the end of its response.',
  },
  firstBytes: {
    name: 'spillway_time_to_first_byte_seconds',
    type: 'histogram',
    labels: ['deployment'],
    buckets: ANSWER_BUCKETS,
    help: 'From the beginning of a request to the beginning of its response, for requests that a backend served.',
  },
  attemptDurations: {
    name: 'spillway_attempt_duration_seconds',
    type: 'histogram',
    labels: ['backend'],
    buckets: ANSWER_BUCKETS,
    help: 'From the start of an attempt to the head of its answer, for attempts that succeeded.',
  },
  overhead: {
    name: 'spillway_overhead_seconds',
    type: 'histogram',
    labels: [],
    buckets: OVERHEAD_BUCKETS,
    help: 'The time that the gateway itself adds, without backends and waiting for quota.',
  },
  waits: {
    name: 'spillway_quota_wait_seconds',
    type: 'histogram',
    labels: [],
    buckets: WAIT_BUCKETS,
    help: 'How long requests waited for quota, without those that did not wait.',
  },
} as const satisfies Record<string, Metric>;

/** The series of each of these metrics. */
export type RequestSeries = ReturnType<typeof createRequestSeries>;

/** Registers all of them. */
export function createRequestSeries(registry: Registry) {
  return {
    requests: registry.counter(requestMetrics.requests),
    clientRequests: registry.counter(requestMetrics.clientRequests),
    budgetRefusals: registry.counter(requestMetrics.budgetRefusals),
    authenticationFailures: registry.counter(requestMetrics.authenticationFailures),
    throttledFailures: registry.counter(requestMetrics.throttledFailures),
    attempts: registry.counter(requestMetrics.attempts),
    credentials: registry.counter(requestMetrics.credentials),
    spills: registry.counter(requestMetrics.spills),
    fallbacks: registry.counter(requestMetrics.fallbacks),
    exhausted: registry.counter(requestMetrics.exhausted),
    refusals: registry.counter(requestMetrics.refusals),
    broken: registry.counter(requestMetrics.broken),
    tokens: registry.counter(requestMetrics.tokens),
    untold: registry.counter(requestMetrics.untold),
    estimates: registry.counter(requestMetrics.estimates),
    clientTokens: registry.counter(requestMetrics.clientTokens),
    durations: registry.histogram(requestMetrics.durations),
    firstBytes: registry.histogram(requestMetrics.firstBytes),
    attemptDurations: registry.histogram(requestMetrics.attemptDurations),
    overhead: registry.histogram(requestMetrics.overhead),
    waits: registry.histogram(requestMetrics.waits),
  };
}
