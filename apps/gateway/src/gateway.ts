import { performance } from 'node:perf_hooks';
import { BackendPool, type PriorityClass, type Standing, WaitingRoom } from '@spillway/core';
import type { DestinationStream } from 'pino';
import { createApp } from './app.ts';
import { createBackend } from './backend/azure-backend.ts';
import { fetchDefaultAzureToken } from './backend/credentials/default-azure-token.ts';
import { EntraCredential } from './backend/credentials/entra.ts';
import type { Config } from './config/schema.ts';
import { EmbeddedOwners } from './ownership/embedded-owners.ts';
import { createSessionProxy } from './realtime/proxy-session.ts';
import { listen } from './server.ts';
import { createLog } from './telemetry/log.ts';
import { TimerAlarm } from './timer-alarm.ts';

/** A gateway that listens. */
export interface Gateway {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Answers how every backend stands for a deployment; without one, as a whole. */
  standings(deployment?: string): readonly Standing[];
  /** How many requests wait for quota, by class. */
  waiting(): Readonly<Record<PriorityClass, number>>;
  /** Takes no new connections, lets running requests finish for `timeouts.shutdownMs`, then cuts them off. */
  stop(): Promise<void>;
}

/**
 * Builds a gateway from its configuration and starts it.
 *
 * @throws the server's error when the address cannot be listened on
 */
export async function startGateway(config: Config, logDestination: DestinationStream): Promise<Gateway> {
  const log = createLog(config.logLevel, logDestination);
  const entra = new EntraCredential(fetchDefaultAzureToken, ({ message }) =>
    log.warn({ reason: message }, 'no token from Microsoft Entra ID'),
  );
  const backends = config.backends.map((backend) => createBackend(backend, config.timeouts, entra));
  const pool = new BackendPool(backends, {
    ...config,
    quotaWindows: config.quota,
    reserves: config.priorityClasses?.reserves,
    random: Math.random,
  });

  const room = config.waitingRoom && new WaitingRoom(config.waitingRoom, new TimerAlarm(), nowMs);

  let stopped: Promise<void> | undefined;
  const owners = new EmbeddedOwners(config.ownership, nowMs);
  const parts = { pool, room, owners, config, log, nowMs, isStopping: () => stopped !== undefined };
  const server = await listen(createApp(parts), createSessionProxy(parts), config);
  log.info(
    { url: server.url, backends: backends.map(({ name, priority }) => ({ name, priority })) },
    'listening',
  );

  const stop = async () => {
    log.info('stopping');
    // They would be cut off in the middle of their answers, and find another gateway at once.
    room?.close();
    await server.drain(config.timeouts.shutdownMs);
    await Promise.all(backends.map(({ dispatcher }) => dispatcher.destroy()));
    log.info('stopped');
  };
  return {
    url: server.url,
    standings: (deployment) => pool.standings(deployment, nowMs()),
    waiting: () => room?.sizes ?? NOBODY,
    stop: () => (stopped ??= stop()),
  };
}

const NOBODY = { interactive: 0, standard: 0, batch: 0 };

/** Monotonic, as cooldowns must not move with the wall clock. Imported, as the global is looked up anew at each call. */
function nowMs(): number {
  return performance.now();
}
