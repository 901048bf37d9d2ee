import { startMocks, type Mock } from '@spillway/mock-openai';
import { backendKey } from '../process/start-gateway.ts';
import type { ShowProgress } from '../report/progress.ts';
import type { Contestant } from './contestants.ts';
import {
  backendKinds,
  backendLatencyMs,
  backendNames,
  backendQuota,
  deployment,
  minutesOf,
  realMs,
  warmUpMinutes,
  type HarvestSetup,
} from './harvest-setup.ts';
import type { BackendLedger } from './ledger/backend-ledger.ts';
import { readLedger } from './ledger/read-ledger.ts';
import { clockMs, driveLoad, type ClientAnswer } from './load/drive-load.ts';
import { planLoad } from './load/plan-load.ts';

/** The observations of clients and backends in one run; its measured part lies between two moments since 1970. */
export interface Observation {
  readonly answers: readonly ClientAnswer[];
  readonly ledgers: readonly BackendLedger[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly timeScale: number;
}

const rememberedCalls = 250_000;
const minuteMs = 60_000;

/** Offers a contestant `load` times the load that the quotas allow, with fresh backends. Returns the observations. */
export async function runContestant(
  contestant: Contestant,
  load: number,
  setup: HarvestSetup,
  onProgress: ShowProgress,
): Promise<Observation> {
  const plan = planLoad(load, setup);
  const mocks = await startMocks(backendNames.map((name) => mockOptions(name, setup)));
  try {
    const backends = mocks.map(({ name, url }) => ({ name, url }));
    const proxy = await contestant.start(backends, setup);
    try {
      const startedAtMs = clockMs();
      const answers = await driveLoad(proxy.url, plan, (sent) => {
        if (sent % 250 === 0)
          onProgress(`${load}x ${contestant.name}: ${sent} of ${plan.length} requests`, sent / plan.length);
      });
      await Promise.all(mocks.map((mock) => mock.idle()));
      return {
        answers,
        ledgers: mocks.map(readLedger),
        fromMs: startedAtMs + realMs(warmUpMinutes * minuteMs, setup),
        toMs: startedAtMs + realMs(minutesOf(setup) * minuteMs, setup),
        timeScale: setup.timeScale,
      };
    } finally {
      await proxy.stop(contestant.name === 'spillway' ? setup.logFile : undefined);
    }
  } finally {
    await Promise.all(mocks.map((mock: Mock) => mock.stop()));
  }
}

function mockOptions(name: string, { timeScale, backends }: HarvestSetup) {
  const quota = { ...backendQuota, ...backendKinds[backends] };
  return {
    name,
    apiKey: backendKey,
    timeScale,
    // `Retry-After` has whole seconds, which would be `timeScale` times as coarse as on Azure.
    quota: { [deployment]: { ...quota, hasRetryAfterMs: timeScale !== 1 } },
    latency: { [deployment]: { ttftMs: backendLatencyMs * timeScale } },
    recordLimit: rememberedCalls,
    recordBodies: false,
  };
}
