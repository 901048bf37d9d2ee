import { startMock, type Mock } from '@spillway/mock-openai';
import { backendKey, startGateway } from '../process/start-gateway.ts';
import type { ShowProgress } from '../report/progress.ts';
import { driveArrivals } from './drive-arrivals.ts';
import { driveClients } from './drive-clients.ts';
import type { BackendView, ScenarioResult } from './scenario-result.ts';
import type { Change, Scenario } from './scenario.ts';

/** Sets the pace: a dozen clients that wait this long for each answer send about 400 requests a second. */
const backendLatencyMs = 25;
/** So that each answer is as long as its request says. */
const longestAnswerTokens = 1_000;
const rememberedCalls = 250_000;

/** Runs a scenario against the built gateway, with mocks in this process. Returns both sides' observations. */
export async function runScenario(scenario: Scenario, onProgress: ShowProgress): Promise<ScenarioResult> {
  const mocks = await Promise.all(scenario.backends.map(({ name }) => startBackend(name, scenario.latency)));
  const gateway = await startGateway(
    scenario.backends.map(({ name, priority }, index) => ({ name, priority, url: mocks[index]?.url ?? '' })),
  );
  const startedAtMs = performance.timeOrigin + performance.now();
  const timers = scenario.changes.map((change) =>
    setTimeout(
      () => mocks.find(({ name }) => name === change.backend)?.setScript(scriptOf(change)),
      change.atMs,
    ),
  );
  try {
    const showAnswered = (answered: number) => {
      const passedMs = performance.timeOrigin + performance.now() - startedAtMs;
      const progress = `${(passedMs / 1000).toFixed(1)} of ${scenario.durationMs / 1000} s`;
      onProgress(
        `${scenario.name}: ${progress}, ${answered} requests answered`,
        passedMs / scenario.durationMs,
      );
    };
    const { arrivals, durationMs } = scenario;
    const clients =
      arrivals === undefined
        ? await driveClients(gateway.url, durationMs, showAnswered)
        : await driveArrivals(gateway.url, arrivals, durationMs, showAnswered);
    const backends = scenario.backends.map(({ name, priority }, index): BackendView => ({
      name,
      priority,
      calls: (mocks[index]?.requests ?? []).map(({ receivedAtMs, status }) => ({
        atMs: receivedAtMs - startedAtMs,
        status,
      })),
    }));
    return { clients, backends };
  } finally {
    timers.forEach(clearTimeout);
    await gateway.stop();
    await Promise.all(mocks.map((mock) => mock.stop()));
  }
}

function scriptOf({ forMs, script }: Change): string {
  return forMs === undefined ? script : `${forMs / 1000}s ${script}`;
}

function startBackend(name: string, latency = `${backendLatencyMs}ms`): Promise<Mock> {
  return startMock({
    name,
    apiKey: backendKey,
    latency,
    completionTokens: longestAnswerTokens,
    recordLimit: rememberedCalls,
    recordBodies: false,
  });
}
