import { type Mock, type MockOptions, startMocks } from '@spillway/mock-openai';
import { onTestFinished } from 'vitest';
import { type ConfigInput, configSchema } from '../../src/config/schema.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import type { MeterOf } from '../../src/proxy/meter-of.ts';
import { LogLines } from './log-lines.ts';

type BackendInput = ConfigInput['backends'][number];

/** A gateway in front of some backends, until the test ends. */
export interface Scene {
  readonly url: string;
  /** The operators' address. */
  readonly adminUrl: string;
  readonly gateway: Gateway;
  readonly mocks: readonly Mock[];
  readonly log: LogLines;
}

/** A mock's options, and its entry in the gateway's configuration. */
export interface SceneBackend extends MockOptions {
  readonly backend?: Partial<BackendInput>;
}

/**
 * Starts mocks `a`, `b`, `c` … and a gateway in front of them. Each is a priority group of its own, in that order, and
 * accepts only its own key `key-a`, `key-b` …, unless a test says otherwise.
 */
export async function startScene(
  backends: readonly SceneBackend[],
  config: Partial<ConfigInput> = {},
  meterOf?: MeterOf,
): Promise<Scene> {
  const mocks = await startMocks(
    backends.map((options, index) => ({ name: nameOf(index), apiKey: `key-${nameOf(index)}`, ...options })),
  );
  onTestFinished(async () => {
    await Promise.all(mocks.map((mock) => mock.stop()));
  });
  const configured = mocks.map(({ url }, index) => ({
    name: nameOf(index),
    url,
    apiKey: `key-${nameOf(index)}`,
    priority: index + 1,
    ...backends[index]?.backend,
  }));
  return { ...(await startGatewayFor(configured, config, meterOf)), mocks };
}

/** Starts a gateway in front of the given backends, and stops it when the test ends. */
export async function startGatewayFor(
  backends: readonly BackendInput[],
  config: Partial<ConfigInput> = {},
  meterOf?: MeterOf,
): Promise<Omit<Scene, 'mocks'>> {
  const log = new LogLines();
  const gateway = await startGateway(
    configSchema.parse({
      port: 0,
      admin: { port: 0 },
      backends,
      ...config,
      timeouts: { lameDuckMs: 0, shutdownMs: 0, ...config.timeouts },
    }),
    log,
    [],
    {},
    undefined,
    meterOf,
  );
  onTestFinished(() => gateway.stop());
  return { url: gateway.url, adminUrl: gateway.adminUrl ?? '', gateway, log };
}

/** Returns how many requests each mock got. */
export function callsOf({ mocks }: Pick<Scene, 'mocks'>): number[] {
  return mocks.map(({ counters }) => counters.total);
}

function nameOf(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index);
}
