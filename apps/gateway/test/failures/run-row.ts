import { type Mock, startMocks } from '@spillway/mock-openai';
import { onTestFinished } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { startGatewayFor } from '../testing/start-scene.ts';
import { chats } from './clients.ts';
import { describeLine } from './describe-line.ts';
import { describeCooldowns } from './describe-cooldowns.ts';
import { describeSeen } from './describe-seen.ts';
import type { FailureRow, RowBackend, RowServer } from './failure-row.ts';

/** The actual results of a row, in the words of the table. */
export interface Observed {
  readonly sees: readonly string[];
  readonly cooldowns: string;
  readonly logged: readonly string[];
  /** Log lines about anything other than a request. */
  readonly complaints: readonly string[];
}

/** The configuration of every row, unless it says otherwise. */
const CONFIG = {
  cooldown: { defaultMs: 10_000, floorMs: 5000, ceilingMs: 60_000 },
} as const satisfies Partial<ConfigInput>;

/** The cooldowns themselves show how the state has changed, and it takes a second until connecting is tried again. */
const NEWS: ReadonlySet<unknown> = new Set([
  'backend state',
  'backend cannot be reached; connecting is tried every second',
]);

/** Plays a row over real sockets, and returns the results for client, pool and log. */
export async function runRow({
  backends,
  config = {},
  backendConfig = {},
  client = chats(1),
  deployment = 'gpt-4o',
  cooldowns: expected,
  logged,
}: FailureRow): Promise<Observed> {
  const servers = await Promise.all(backends.map(startServer));
  const configured = servers.map(({ url }, index) => ({
    name: nameOf(index),
    url,
    apiKey: `key-${nameOf(index)}`,
    priority: index + 1,
    ...backendConfig,
  }));
  const { url, adminUrl, gateway, log } = await startGatewayFor(configured, { ...CONFIG, ...config });
  const nextRequest = () => (servers[0] as Mock).nextRequest();

  const fromMs = performance.now();
  const seen = await client({ url, adminUrl, log, servers, nextRequest });
  const lines = [logged].flat().length;
  if (lines > 0) await log.request(lines);
  const snapshots = {
    deployment,
    forDeployment: gateway.snapshots(deployment),
    asWhole: gateway.snapshots('never asked for'),
  };
  const toMs = performance.now();
  // Any remaining lines are logged then.
  await gateway.stop();

  return {
    sees: seen.map(describeSeen),
    cooldowns: describeCooldowns(snapshots, { fromMs, toMs, expected }),
    logged: log.requests.map(describeLine),
    complaints: log.lines
      .filter(({ level, msg }) => Number(level) > 30 && !NEWS.has(msg))
      .map(({ msg }) => msg),
  };
}

async function startServer(backend: RowBackend, index: number): Promise<RowServer> {
  if (typeof backend === 'function') return backend();
  const name = nameOf(index);
  const [mock] = await startMocks([{ name, apiKey: `key-${name}`, script: backend }]);
  if (mock === undefined) throw new Error('no mock has started');
  onTestFinished(() => mock.stop());
  return mock;
}

function nameOf(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index);
}
