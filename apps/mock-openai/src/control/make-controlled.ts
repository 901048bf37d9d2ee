import type { Latencies } from '../latency/latency.ts';
import type { Quotas } from '../quota/quota.ts';
import type { OpenSessions } from '../realtime/open-sessions.ts';
import type { Script } from '../script/step.ts';
import type { Serving } from '../serve/serve-request.ts';
import type { Controlled } from './control.ts';

/** The state a mock starts with, and returns to when it is reset. */
export interface Beginning {
  readonly script: Script;
  readonly quotas: Quotas;
  readonly latencies: Latencies;
}

/** Collects everything that can be read and changed of a running mock. */
export function makeControlled(serving: Serving, sessions: OpenSessions, first: Beginning): Controlled {
  const { resource, log, script, quota } = serving;
  return {
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
    get cache() {
      return resource.promptCache.counts;
    },
    get latency() {
      return resource.latency.latencies;
    },
    setLatency: (latencies) => resource.latency.start(latencies),
    setQuota: (quotas) => quota.start(quotas, performance.now()),
    cutQuota: (cut) => quota.cut(cut, performance.now()),
    setScript: (steps) => script.start(steps, performance.now()),
    closeSessions: (closing) => sessions.close(closing),
    reset() {
      sessions.close();
      log.reset();
      resource.stored.clear();
      resource.promptCache.clear();
      resource.latency.start(first.latencies);
      script.start(first.script, performance.now());
      quota.start(first.quotas, performance.now());
    },
  };
}
