import { toResource } from './answer/resource.ts';
import { answerControl, controlPrefix } from './control/control.ts';
import { makeControlled } from './control/make-controlled.ts';
import { PortGate } from './faults/port-gate.ts';
import { listen, readBody } from './http/listener.ts';
import { parseLatencies } from './latency/read-latencies.ts';
import { parseCut } from './quota/read-cut.ts';
import { parseQuotas } from './quota/read-quotas.ts';
import { RunningQuota } from './quota/running-quota.ts';
import { OpenSessions } from './realtime/open-sessions.ts';
import { parseClosing } from './realtime/read-closing.ts';
import { serveUpgrade } from './realtime/serve-upgrade.ts';
import { RequestLog } from './records/request-log.ts';
import { parseScript } from './script/read-script.ts';
import { RunningScript } from './script/running-script.ts';
import { serveRequest } from './serve/serve-request.ts';
import { loadTokenizer } from './tokens/tokenizer.ts';
import type { Controlled } from './control/control.ts';
import type { Handler, Listener } from './http/listener.ts';
import type { Mock } from './mock.ts';
import type { MockOptions } from './options/options.ts';
import type { Serving } from './serve/serve-request.ts';

/** Starts a mock; rejects when its script, quota or latency is wrong, or when its port is not available. */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const first = {
    script: parseScript(options.script ?? []),
    quotas: parseQuotas(options.quota ?? {}),
    latencies: parseLatencies(options.latency ?? {}),
  };
  const resource = toResource(options, first.latencies);
  const serving: Serving = {
    resource,
    log: new RequestLog(options.recordLimit ?? 1000, options.recordBodies ?? true),
    script: new RunningScript(first.script, performance.now(), resource.seed),
    quota: new RunningQuota(first.quotas, options.timeScale ?? 1, performance.now()),
  };
  // Now, so that the first answer is not late; only the first mock of a process pays for it.
  loadTokenizer('o200k_base');
  const sessions = new OpenSessions(resource.region);
  const controlled = makeControlled(serving, sessions, first);
  const control: Handler = (request, response) =>
    readBody(request, (body) => answerControl(controlled, request, response, body));
  const azure: Handler = (request, response) => serveRequest(serving, request, response);
  const both: Handler = (request, response) =>
    request.url?.startsWith(controlPrefix) === true ? control(request, response) : azure(request, response);

  const host = options.host ?? '127.0.0.1';
  const { controlPort } = options;
  const listener = await listen(controlPort === undefined ? both : azure, host, options.port ?? 0);
  const controlListener =
    controlPort === undefined ? listener : await listenOrStop(control, host, controlPort, listener);
  const gate = new PortGate(listener, serving.script);
  listener.onConnection((socket) => gate.greet(socket));
  listener.onUpgrade((request, connection, head) =>
    serveUpgrade(serving, sessions, request, connection, head),
  );
  return toMock(controlled, serving.log, listener, controlListener, gate);
}

/** Starts several mocks; if one cannot start, the others are stopped. */
export async function startMocks(list: readonly MockOptions[]): Promise<Mock[]> {
  const results = await Promise.allSettled(list.map((options) => startMock(options)));
  const mocks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return mocks;
  await Promise.all(mocks.map((mock) => mock.stop()));
  throw failed.reason;
}

async function listenOrStop(
  handler: Handler,
  host: string,
  port: number,
  other: Listener,
): Promise<Listener> {
  try {
    return await listen(handler, host, port);
  } catch (error) {
    await other.stop();
    throw error;
  }
}

function toMock(
  controlled: Controlled,
  log: RequestLog,
  listener: Listener,
  control: Listener,
  gate: PortGate,
): Mock {
  return {
    name: controlled.name,
    url: listener.url,
    controlUrl: `${control.url}/_mock`,
    get requests() {
      return log.records;
    },
    get counters() {
      return log.counters;
    },
    get openRequests() {
      return log.open;
    },
    get connections() {
      return listener.connections;
    },
    get quota() {
      return controlled.quota;
    },
    setQuota: (quotas) => controlled.setQuota(parseQuotas(quotas)),
    cutQuota: (cut) => controlled.cutQuota(parseCut(cut)),
    get cache() {
      return controlled.cache;
    },
    get latency() {
      return controlled.latency;
    },
    setLatency: (latency) => controlled.setLatency(parseLatencies(latency)),
    setScript: (script) => controlled.setScript(parseScript(script)),
    closeSessions: (closing = {}) => controlled.closeSessions(parseClosing(closing)),
    nextRequest: () => log.next(),
    idle: () => log.idle(),
    reset: () => controlled.reset(),
    async stop() {
      log.stop();
      gate.stop();
      controlled.closeSessions({});
      await Promise.all([listener.stop(), control.stop()]);
    },
  };
}
