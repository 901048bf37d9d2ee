import type { Metric } from './metric.ts';

const gauge = (name: string, labels: readonly string[], help: string): Metric => ({
  name,
  type: 'gauge',
  labels,
  help,
});
const counter = (name: string, help: string): Metric => ({ name, type: 'counter', labels: [], help });

const AT = ['backend', 'deployment'];
/** `deployments` are those that a budget covers together, separated by commas, or `all`. */
const BUDGET = ['client', 'deployments', 'limit'];

/** State values that are read when metrics are collected. `deployment` is the backend's name. */
export const stateMetrics = {
  buildInfo: gauge(
    'spillway_build_info',
    ['version', 'node'],
    'Always 1; its labels say which versions run.',
  ),
  startTime: gauge('process_start_time_seconds', [], 'When the process was started, in seconds since 1970.'),
  cpu: counter('process_cpu_seconds', 'CPU time of the process, in user and system mode.'),
  residentMemory: gauge(
    'process_resident_memory_bytes',
    [],
    'Memory of the process, as the system counts it.',
  ),
  heapUsed: gauge('nodejs_heap_size_used_bytes', [], 'The used part of V8’s heap.'),
  memoryLimit: gauge(
    'spillway_memory_limit_bytes',
    [],
    'The memory that the process may use; beyond nine tenths of it requests get a 503.',
  ),
  eventLoopDelayP99: gauge(
    'spillway_event_loop_delay_p99_seconds',
    [],
    'How late 99 of 100 timers were at most, in the worst second of the last minute.',
  ),
  eventLoopDelayMax: gauge(
    'spillway_event_loop_delay_max_seconds',
    [],
    'How late the latest timer of the last minute was.',
  ),
  connections: gauge('spillway_connections', [], 'Open connections of clients.'),
  inFlight: gauge(
    'spillway_in_flight_requests',
    [],
    'Requests and sessions under way, waiting ones included.',
  ),
  keptBytes: gauge('spillway_kept_bytes', [], 'Bytes of request bodies that are kept in memory.'),
  waiting: gauge(
    'spillway_waiting_requests',
    ['class'],
    'Requests that wait for quota, by priority class; left out if none may wait.',
  ),
  retriesLeft: gauge('spillway_retry_budget_remaining', [], 'Retries and hedges that may be made now.'),
  backendInFlight: gauge(
    'spillway_backend_in_flight',
    ['backend', 'priority'],
    'Attempts under way at a backend, streams and sessions included.',
  ),
  backendState: gauge(
    'spillway_backend_state',
    ['backend', 'priority', 'state'],
    'Whether a backend is in this state, 1 or 0: the best state of any of its deployments.',
  ),
  backendCooldownEnd: gauge(
    'spillway_backend_cooldown_end_timestamp_seconds',
    ['backend'],
    'When the cooldown of all deployments of a backend ends, in seconds since 1970; 0 if there is none.',
  ),
  deploymentState: gauge(
    'spillway_deployment_state',
    [...AT, 'state'],
    'Whether a deployment is in this state, 1 or 0.',
  ),
  deploymentCooldownEnd: gauge(
    'spillway_deployment_cooldown_end_timestamp_seconds',
    AT,
    'When its cooldown ends, in seconds since 1970; 0 if there is none.',
  ),
  headroom: gauge(
    'spillway_headroom_ratio',
    AT,
    'The share of its quota that is left, of tokens or requests, whichever is less.',
  ),
  utilization: gauge('spillway_utilization_ratio', AT, 'The share of provisioned throughput in use.'),
  limitTokens: gauge('spillway_limit_tokens', AT, 'Its limit on tokens per minute, as far as it is known.'),
  remainingTokens: gauge(
    'spillway_remaining_tokens',
    AT,
    'The tokens left of that limit, as the gateway estimates them.',
  ),
  limitRequests: gauge(
    'spillway_limit_requests',
    AT,
    'Its limit on requests, per minute or 10 s, as the backend reports it.',
  ),
  remainingRequests: gauge(
    'spillway_remaining_requests',
    AT,
    'The requests left of that limit, as the gateway estimates them.',
  ),
  clientBudgetLimit: gauge(
    'spillway_client_budget_limit',
    BUDGET,
    'The amount that a limit of a client’s budget allows: `tokens` and `requests` within 60 seconds, `concurrent` requests at once, tokens of a `day` and a `month`.',
  ),
  clientBudgetUsed: gauge(
    'spillway_client_budget_used',
    BUDGET,
    'The amount used of that limit, reservations for requests under way included.',
  ),
  clientKeysExpire: gauge(
    'spillway_client_keys_expire_timestamp_seconds',
    ['client'],
    'When the last of the client’s keys expires, in seconds since 1970. None for a client that has a key without an end, or may also use a token.',
  ),
  configReloads: {
    ...counter(
      'spillway_config_reloads',
      'How often the configuration was read again: `applied`, or `refused` because it was wrong.',
    ),
    labels: ['result'],
  },
  configReloadSuccessful: gauge(
    'spillway_config_last_reload_successful',
    [],
    'Whether the configuration was right when it was last read, 1 or 0: if not, the previous one is still in effect.',
  ),
  configReloadSuccess: gauge(
    'spillway_config_last_reload_success_timestamp_seconds',
    [],
    'When the configuration in effect was read, in seconds since 1970.',
  ),
  stateKept: gauge(
    'spillway_state_kept',
    [],
    'Whether the folder of `state` could be read and written when that was last tried, 1 or 0: if not, counts are in memory only. Absent without `state`.',
  ),
  escapedErrors: counter('spillway_escaped_errors', 'Errors that no code caught.'),
  wrongTokens: counter(
    'spillway_admin_authentication_failures',
    'Requests to the listener for operators with a wrong token.',
  ),
  droppedLogLines: counter(
    'spillway_dropped_log_lines',
    'Log lines that were lost because nobody read them.',
  ),
  droppedSpans: counter('spillway_dropped_spans', 'Spans that no OTLP receiver accepted.'),
  droppedSeries: counter('spillway_dropped_series', 'Series that were not created, as there were too many.'),
} as const satisfies Record<string, Metric>;
