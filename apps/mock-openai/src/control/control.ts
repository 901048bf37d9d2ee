import { readLatencies } from '../latency/read-latencies.ts';
import { readCut } from '../quota/read-cut.ts';
import { readQuotas } from '../quota/read-quotas.ts';
import { readClosing } from '../realtime/read-closing.ts';
import { readScript } from '../script/read-script.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Latencies } from '../latency/latency.ts';
import type { CacheCounts } from '../prompt-cache/prompt-cache.ts';
import type { QuotaState } from '../quota/quota-state.ts';
import type { Quotas } from '../quota/quota.ts';
import type { CutRequest } from '../quota/read-cut.ts';
import type { Closing } from '../realtime/read-closing.ts';
import type { Counters } from '../records/request-log.ts';
import type { RecordedRequest } from '../records/request-record.ts';
import type { Script } from '../script/step.ts';

/** The state that the control endpoint reads and changes. */
export interface Controlled {
  readonly name: string;
  readonly requests: readonly RecordedRequest[];
  readonly counters: Counters;
  /** The script and the index of the step that applies now. */
  readonly script: { readonly steps: Script; readonly current: number };
  readonly quota: QuotaState;
  setScript(script: Script): void;
  setQuota(quotas: Quotas): void;
  cutQuota(cut: CutRequest): void;
  readonly cache: Readonly<Record<string, CacheCounts>>;
  readonly latency: Latencies;
  setLatency(latencies: Latencies): void;
  closeSessions(closing: Closing): void;
  reset(): void;
}

type Action = (mock: Controlled, body: string, query: URLSearchParams) => Reply;

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** The path that every control request begins with. */
export const controlPrefix = '/_mock/';

const actions: Readonly<Record<string, Action>> = {
  'GET /_mock/script': (mock) => ({ status: 200, body: mock.script }),
  'PUT /_mock/script': (mock, body) => {
    const result = readScript(body);
    if (result.kind === 'wrong') return failure(400, 'The script is wrong.', result.problems);
    mock.setScript(result.script);
    return { status: 200, body: mock.script };
  },
  'GET /_mock/quota': (mock) => ({ status: 200, body: mock.quota }),
  'PUT /_mock/quota': (mock, body) => {
    const result = readQuotas(body);
    if (result.kind === 'wrong') return failure(400, 'The quota is wrong.', result.problems);
    mock.setQuota(result.quotas);
    return { status: 200, body: mock.quota };
  },
  'POST /_mock/quota/cut': (mock, body) => {
    const result = readCut(body);
    if (result.kind === 'wrong') return failure(400, 'The cut is wrong.', result.problems);
    mock.cutQuota(result.cut);
    return { status: 200, body: mock.quota };
  },
  'GET /_mock/cache': (mock) => ({ status: 200, body: mock.cache }),
  'GET /_mock/latency': (mock) => ({ status: 200, body: mock.latency }),
  'PUT /_mock/latency': (mock, body) => {
    const result = readLatencies(body);
    if (result.kind === 'wrong') return failure(400, 'The latency is wrong.', result.problems);
    mock.setLatency(result.latencies);
    return { status: 200, body: mock.latency };
  },
  'GET /_mock/requests': (mock, _body, query) => {
    const last = Number(query.get('last') ?? Infinity);
    return { status: 200, body: last > 0 ? mock.requests.slice(-last) : [] };
  },
  'GET /_mock/counters': (mock) => ({ status: 200, body: { name: mock.name, ...mock.counters } }),
  'POST /_mock/sessions/close': (mock, body) => {
    const result = readClosing(body);
    if (result.kind === 'wrong') return failure(400, 'The closing is wrong.', result.problems);
    mock.closeSessions(result.closing);
    return { status: 200, body: result.closing };
  },
  'POST /_mock/reset': (mock) => {
    mock.reset();
    return { status: 200, body: { name: mock.name, ...mock.counters } };
  },
};

/** Answers a request to the control endpoint. */
export function answerControl(
  mock: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): void {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const action = actions[`${request.method} ${path}`];
  const reply =
    action?.(mock, body.toString(), new URLSearchParams(query)) ??
    failure(404, 'No such control endpoint.', Object.keys(actions));
  const json = `${JSON.stringify(reply.body, null, 2)}\n`;
  response.writeHead(reply.status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(json),
  });
  response.end(json);
}

function failure(status: number, message: string, details: readonly string[]): Reply {
  return { status, body: { error: { code: String(status), message, details } } };
}
