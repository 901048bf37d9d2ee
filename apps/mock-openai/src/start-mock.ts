import { answerControl, controlPrefix } from './control.ts';
import { listen, readBody } from './listener.ts';
import { toResource } from './options.ts';
import { RequestLog } from './request-log.ts';
import { RunningScript } from './running-script.ts';
import { parseScript } from './script.ts';
import { serveRequest } from './serve-request.ts';
import type { Controlled } from './control.ts';
import type { Handler, Listener } from './listener.ts';
import type { MockOptions } from './options.ts';
import type { Counters } from './request-log.ts';
import type { RecordedRequest } from './request-record.ts';
import type { Script } from './step.ts';

/** A mock that runs. */
export interface Mock {
  readonly name: string;
  /** Where it answers as Azure OpenAI, such as `http://127.0.0.1:8081`. */
  readonly url: string;
  /** Where its control endpoint is, `/_mock` included. */
  readonly controlUrl: string;
  /** The last requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  readonly counters: Counters;
  /** Requests that have arrived and are not over. */
  readonly openRequests: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Starts a script, as steps or in the script language, from now; throws an Error that names every problem. */
  setScript(script: Script | string): void;
  /** Resolves with the first request that is received in full after this call. */
  nextRequest(): Promise<RecordedRequest>;
  /** Resolves when no request is open. */
  idle(): Promise<void>;
  /** Forgets all requests and counts, and starts the first script again. */
  reset(): void;
  /** Closes the port and every connection at once. */
  stop(): Promise<void>;
}

/** Starts a mock; rejects when its script is wrong or its port cannot be had. */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const resource = toResource(options);
  const firstScript = parseScript(options.script ?? []);
  const script = new RunningScript(firstScript, performance.now());
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
    setScript: (steps) => script.start(steps, performance.now()),
    reset() {
      log.reset();
      script.start(firstScript, performance.now());
    },
  };
  const control: Handler = (request, response) =>
    readBody(request, (body) => answerControl(controlled, request, response, body));
  const azure: Handler = (request, response) => serveRequest(resource, log, script, request, response);
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
