import { type MockOptions, startMocks } from '@spillway/mock-openai';
import { onTestFinished } from 'vitest';
import { spawnGateway } from '../../testing/spawn-gateway.ts';

/** The fastest rate of batches. */
const QUICK = { OTEL_BSP_SCHEDULE_DELAY: '1', OTEL_METRICS_EXPORTER: 'none' };

/** Starts the built gateway in front of mocks, with these OpenTelemetry variables. */
export async function startTraced(backends: readonly MockOptions[], otel: Readonly<Record<string, string>>) {
  const mocks = await startMocks(backends.map((options, at) => ({ name: `m${at + 1}`, ...options })));
  onTestFinished(async () => {
    await Promise.all(mocks.map((mock) => mock.stop()));
  });
  return startTracedFor(
    mocks.map(({ url }) => url),
    otel,
  );
}

/** The same in front of other backends. */
export async function startTracedFor(urls: readonly string[], otel: Readonly<Record<string, string>>) {
  const env: Record<string, string> = { PORT: '0', ...QUICK, ...otel };
  for (const [at, url] of urls.entries()) {
    env[`BACKEND_${at + 1}_URL`] = url;
    env[`BACKEND_${at + 1}_APIKEY`] = 'PLANTED-backend-key';
    env[`BACKEND_${at + 1}_PRIORITY`] = String(at + 1);
  }
  const gateway = spawnGateway(env);
  return { ...gateway, url: await gateway.url, adminUrl: await gateway.adminUrl };
}
