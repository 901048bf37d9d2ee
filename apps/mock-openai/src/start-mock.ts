import { answerControl, controlPrefix } from './control.ts';
import { listen, readBody } from './listener.ts';
import { toResource } from './options.ts';
import { parseCut } from './quota/read-cut.ts';
import { parseQuotas } from './quota/read-quotas.ts';
import { RunningQuota } from './quota/running-quota.ts';
import { RequestLog } from './request-log.ts';
import { RunningScript } from './running-script.ts';
import { parseScript } from './script.ts';
import { serveRequest } from './serve-request.ts';
import type { Controlled } from './control.ts';
import type { Handler, Listener } from './listener.ts';
import type { Mock } from './mock.ts';
import type { MockOptions } from './options.ts';

/** Starts a mock; rejects when its script or its quota is wrong, or when its port cannot be had. */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const resource = toResource(options);
  const firstScript = parseScript(options.script ?? []);
  const script = new RunningScript(firstScript, performance.now());
  const firstQuotas = parseQuotas(options.quota ?? {});
  const quota = new RunningQuota(firstQuotas, options.timeScale ?? 1, performance.now());
  const log = new RequestLog(options.recordLimit ?? 1000, options.recordBodies ?? true);
  const controlled: Controlled = {
    name: resource.name,
    get requests() {
      return log.records;
    },
    get counters() {
      return log.counters;
    },
    get script() {
      return { steps: script.steps, current: script.currentIndex(performance.now()) };
    },
    get quota() {
      return quota.stateAt(performance.now());
    },
    setQuota: (quotas) => quota.start(quotas, performance.now()),
    cutQuota: (cut) => quota.cut(cut, performance.now()),
    setScript: (steps) => script.start(steps, performance.now()),
    reset() {
      log.reset();
      script.start(firstScript, performance.now());
      quota.start(firstQuotas, performance.now());
    },
  };
  const control: Handler = (request, response) =>
    readBody(request, (body) => answerControl(controlled, request, response, body));
  const serving = { resource, log, script, quota };
  const azure: Handler = (request, response) => serveRequest(serving, request, response);
  const both: Handler = (request, response) =>
    request.url?.startsWith(controlPrefix) === true ? control(request, response) : azure(request, response);

  const host = options.host ?? '127.0.0.1';
  const { controlPort } = options;
  const listener = await listen(controlPort === undefined ? both : azure, host, options.port ?? 0);
  const controlListener =
    controlPort === undefined ? listener : await listenOrStop(control, host, controlPort, listener);
  return toMock(controlled, log, listener, controlListener);
}

/** Starts several mocks; when one cannot start, the others are stopped. */
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

function toMock(controlled: Controlled, log: RequestLog, listener: Listener, control: Listener): Mock {
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
    setScript: (script) => controlled.setScript(parseScript(script)),
    nextRequest: () => log.next(),
    idle: () => log.idle(),
    reset: () => controlled.reset(),
    async stop() {
      log.stop();
      await Promise.all([listener.stop(), control.stop()]);
    },
  };
}
