import { isDeepStrictEqual } from 'node:util';
import type { Config } from './schema.ts';

/** When a changed key takes effect: at once, in the running gateway, or after a restart. */
type Effect = 'at-once' | 'restart';

/** The effect of each key of a map; a key whose value is a map may have one for each key in it. */
type Effects<Map> = { readonly [Key in keyof Map]-?: Effect | EffectsWithin<NonNullable<Map[Key]>> };
type EffectsWithin<Value> = Value extends readonly unknown[]
  ? never
  : Value extends object
    ? Effects<Value>
    : never;

/** Lists every key, so that a forgotten one does not compile. */
export const RELOAD_EFFECTS: Effects<Config> = {
  host: 'restart',
  port: 'restart',
  server: { basePath: 'at-once', tls: 'restart' },
  cors: 'at-once',
  auth: 'at-once',
  clients: 'at-once',
  fallbacks: 'at-once',
  state: 'restart',
  admin: 'restart',
  backends: 'at-once',
  strategy: 'at-once',
  timeouts: {
    connectMs: 'at-once',
    attemptMs: 'at-once',
    overallMs: 'at-once',
    perMegabyteMs: 'at-once',
    minAttemptMs: 'at-once',
    responseIdleMs: 'at-once',
    requestHeadersMs: 'restart',
    requestMs: 'restart',
    clientStallMs: 'restart',
    sessionIdleMs: 'at-once',
    maxResponseMs: 'at-once',
    connectionMaxAgeMs: 'at-once',
    keepAliveMs: 'restart',
    lameDuckMs: 'at-once',
    shutdownMs: 'at-once',
  },
  stream: 'at-once',
  quota: 'at-once',
  cooldown: 'at-once',
  outlier: 'at-once',
  retryBudget: 'at-once',
  hedge: 'at-once',
  waitingRoom: 'at-once',
  priorityClasses: 'at-once',
  limits: {
    replayBytes: 'at-once',
    bodyBytes: 'at-once',
    connections: 'restart',
    inFlight: 'restart',
    keptBytes: 'restart',
    memoryBytes: 'restart',
    headerBytes: 'restart',
  },
  ownership: 'at-once',
  allowBackendPin: 'at-once',
  exposeBackendUrl: 'at-once',
  logLevel: 'at-once',
  logSuccesses: 'at-once',
};

type Values = Readonly<Record<string, unknown>>;
type EffectMap = { readonly [key: string]: Effect | EffectMap };

/** Returns the keys whose changes need a restart, such as `timeouts.requestMs`. */
export function restartKeys(effects: EffectMap = RELOAD_EFFECTS, prefix = ''): string[] {
  return Object.entries(effects).flatMap(([key, effect]) => {
    if (typeof effect === 'object') return restartKeys(effect, `${prefix}${key}.`);
    return effect === 'restart' ? [`${prefix}${key}`] : [];
  });
}

/**
 * Returns the part of a new configuration that a gateway started with another one can run with, and the keys that have
 * to wait.
 */
export function withoutRestart(started: Config, wanted: Config): { config: Config; needsRestart: string[] } {
  const needsRestart: string[] = [];
  const config = keepOld(RELOAD_EFFECTS, started, wanted, '', needsRestart);
  return { config: config as Config, needsRestart };
}

function keepOld(
  effects: EffectMap,
  started: Values,
  wanted: Values,
  prefix: string,
  needsRestart: string[],
): Values {
  const kept: Record<string, unknown> = { ...wanted };
  for (const [key, effect] of Object.entries(effects)) {
    if (effect === 'at-once' || isDeepStrictEqual(started[key], wanted[key])) continue;
    if (typeof effect === 'object') {
      const [before, after] = [started[key] ?? {}, wanted[key] ?? {}] as [Values, Values];
      kept[key] = keepOld(effect, before, after, `${prefix}${key}.`, needsRestart);
      continue;
    }
    needsRestart.push(`${prefix}${key}`);
    if (started[key] === undefined) delete kept[key];
    else kept[key] = started[key];
  }
  return kept;
}
