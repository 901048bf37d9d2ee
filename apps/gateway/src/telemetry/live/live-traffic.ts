import { type AttemptRecord, deploymentKey, isCountable, tokensOf } from '@spillway/core';
import { CLIENT_LEFT, type Exchange, type Sink } from '../exchange.ts';
import { ChangeLog } from './change-log.ts';
import { ClientTraffic } from './client-traffic.ts';
import { type DeploymentRates, DeploymentTraffic } from './deployment-traffic.ts';
import { Episode } from './episode.ts';
import { FailoverLog } from './failover-log.ts';
import { GroupTraffic, RATE_S } from './group-traffic.ts';
import { RecentSamples } from './recent-samples.ts';
import { type RefusalRate, RefusalTraffic } from './refusal-traffic.ts';
import { RollingCount } from './rolling-count.ts';

const MINUTE_S = 60;
const MINUTE_MS = 60_000;
const FIVE_MINUTES_S = 300;
/** This many requests are enough for percentiles of their latency. */
const SAMPLES = 1024;
/** A backend has a few dozen deployments; beyond this number their traffic is not told apart. */
const MAX_DEPLOYMENTS = 100;

/** Responses to clients in the last seconds and minutes. */
export interface TrafficTotals {
  readonly requestsPerSecond: number;
  /** Of these, those that another deployment served than the one that they asked for. */
  readonly fallbacksPerSecond: number;
  /** Of these, those that ended without a good answer, and those of them whose client left before its response began. */
  readonly unservedPerSecond: number;
  readonly leftPerSecond: number;
  /** As reported by answers. */
  readonly tokensPerMinute: number;
  readonly clients: {
    /** In the last five minutes; failed authentications are not those of clients. */
    readonly throttled: number;
    readonly serverErrors: number;
    /** 429s and errors of the last seconds, without those of clients that have spent their own budgets. */
    readonly refusedPerSecond: number;
    /** Why. */
    readonly refusedFor: readonly RefusalRate[];
    /** Responses and sessions that were broken off, in the last seconds and in the last five minutes. */
    readonly brokenOffPerSecond: number;
    readonly brokenOff: number;
    /** For how long some have been refused or broken off; undefined if none are. */
    readonly hurtForMs: number | undefined;
    /** How long ago the last of them was. */
    readonly hurtAgoMs: number | undefined;
  };
  /** For how long requests have spilled; undefined if none do. */
  readonly spillingForMs: number | undefined;
  /** The time that the gateway itself adds, in ms; undefined if nothing was served in the last minute. */
  readonly overheadP99Ms: number | undefined;
  readonly firstByteP95Ms: number | undefined;
}

/** Counts the traffic of the last seconds, for the live page. */
export class LiveTraffic implements Sink {
  readonly clients = new ClientTraffic();
  readonly failovers = new FailoverLog();
  readonly changes = new ChangeLog();
  readonly groups = new GroupTraffic();
  /** By the backend's name, then by the deployment's name there in lower case, as backends ignore letter case. */
  readonly #deployments = new Map<string, Map<string, DeploymentTraffic>>();
  readonly #requests = new RollingCount(RATE_S);
  readonly #unserved = new RollingCount(RATE_S);
  readonly #left = new RollingCount(RATE_S);
  readonly #refused = new RefusalTraffic();
  readonly #tokens = new RollingCount(MINUTE_S);
  readonly #fallbacks = new RollingCount(RATE_S);
  readonly #throttled = new RollingCount(FIVE_MINUTES_S);
  readonly #serverErrors = new RollingCount(FIVE_MINUTES_S);
  readonly #brokenOff = new RollingCount(FIVE_MINUTES_S);
  readonly #hurt = new Episode();
  readonly #spilling = new Episode();
  /** By the backend's name. */
  readonly #brokenOffAt = new Map<string, RollingCount>();
  readonly #overheadMs = new RecentSamples(SAMPLES);
  readonly #firstByteMs = new RecentSamples(SAMPLES);

  record(exchange: Exchange): void {
    const { endedMs: nowMs, clientStatus, startedMs, respondedMs, attempts, served, usage } = exchange;
    this.#noteClient(exchange);
    const overheadMs = exchange.overheadMs;
    if (overheadMs !== undefined) this.#overheadMs.add(overheadMs, nowMs);
    if (served !== undefined && respondedMs !== undefined)
      this.#firstByteMs.add(respondedMs - startedMs, nowMs);
    for (const attempt of attempts) this.#find(attempt)?.note(attempt, clientStatus, nowMs);
    if (attempts.length > 1) this.#noteFailovers(exchange);
    if (served === undefined) return;
    this.groups.note(served, nowMs);
    if (served.spill !== undefined) this.#spilling.note(nowMs);
    const traffic = this.#find(served);
    traffic?.noteServed(nowMs);
    if (usage === undefined) return;
    const tokens = tokensOf(usage);
    if (!isCountable(tokens)) return;
    this.#tokens.add(tokens, nowMs);
    traffic?.noteTokens(tokens, nowMs);
  }

  /** Returns the traffic of a backend's deployment, by its name there; undefined if there was none. */
  ratesOf(backend: string, deployment: string, nowMs: number): DeploymentRates | undefined {
    return this.#deployments.get(backend)?.get(deploymentKey(deployment))?.ratesAt(nowMs);
  }

  /** Returns how many requests per second a backend's deployments have served in the last seconds. */
  servedPerSecond(backend: string, nowMs: number): number {
    const ofBackend = [...(this.#deployments.get(backend)?.values() ?? [])];
    return ofBackend.reduce((sum, deployment) => sum + deployment.servedPerSecond(nowMs), 0);
  }

  /** Returns how many of a backend's responses per second were broken off in the last seconds. */
  brokenOffPerSecond(backend: string, nowMs: number): number {
    return this.#brokenOffAt.get(backend)?.perSecond(RATE_S, nowMs) ?? 0;
  }

  totalsAt(nowMs: number): TrafficTotals {
    return {
      requestsPerSecond: this.#requests.perSecond(RATE_S, nowMs),
      fallbacksPerSecond: this.#fallbacks.perSecond(RATE_S, nowMs),
      unservedPerSecond: this.#unserved.perSecond(RATE_S, nowMs),
      leftPerSecond: this.#left.perSecond(RATE_S, nowMs),
      tokensPerMinute: this.#tokens.within(MINUTE_S, nowMs),
      clients: {
        throttled: this.#throttled.within(FIVE_MINUTES_S, nowMs),
        serverErrors: this.#serverErrors.within(FIVE_MINUTES_S, nowMs),
        refusedPerSecond: this.#refused.perSecond(nowMs),
        refusedFor: this.#refused.ratesAt(nowMs),
        brokenOffPerSecond: this.#brokenOff.perSecond(RATE_S, nowMs),
        brokenOff: this.#brokenOff.within(FIVE_MINUTES_S, nowMs),
        hurtForMs: this.#hurt.lengthMs(nowMs),
        hurtAgoMs: this.#hurt.agoMs(nowMs),
      },
      spillingForMs: this.#spilling.lengthMs(nowMs),
      overheadP99Ms: this.#overheadMs.percentiles([0.99], nowMs - MINUTE_MS)?.[0],
      firstByteP95Ms: this.#firstByteMs.percentiles([0.95], nowMs - MINUTE_MS)?.[0],
    };
  }

  #noteClient(exchange: Exchange): void {
    const { client, clientStatus: status, endedMs: nowMs, isOverBudget, authenticationFailure } = exchange;
    if (client !== undefined) this.clients.note(client, exchange);
    this.#requests.add(1, nowMs);
    if (status >= 400) this.#unserved.add(1, nowMs);
    if (status === CLIENT_LEFT) this.#left.add(1, nowMs);
    if (exchange.isServedByFallback) this.#fallbacks.add(1, nowMs);
    if (status !== 429 && status < 500) {
      // Its client has the beginning of an answer, and no status that says what became of the rest.
      if (exchange.isBrokenOff) this.#noteBrokenOff(exchange);
      return;
    }
    // Whoever guesses credentials is no client.
    if (status === 429 && authenticationFailure !== undefined) return;
    // A transfer coding that nobody has to know is the client's fault, like a 4xx.
    if (!isOverBudget && exchange.refusal !== 'unknown-coding') {
      this.#refused.note(exchange, nowMs);
      this.#hurt.note(nowMs);
    }
    if (status === 429) this.#throttled.add(1, nowMs);
    else this.#serverErrors.add(1, nowMs);
  }

  #noteBrokenOff({ served, endedMs: nowMs }: Exchange): void {
    this.#brokenOff.add(1, nowMs);
    this.#hurt.note(nowMs);
    if (served === undefined) return;
    const { name } = served.backend;
    let count = this.#brokenOffAt.get(name);
    if (count === undefined) this.#brokenOffAt.set(name, (count = new RollingCount(RATE_S)));
    count.add(1, nowMs);
  }

  #noteFailovers({ attempts, endedMs: nowMs, fallbackFrom, fallbackAfter }: Exchange): void {
    for (const [place, attempt] of attempts.entries()) {
      const next = attempts[place + 1];
      if (next === undefined || !hasFailedOver(attempt)) continue;
      const isToFallback = fallbackFrom !== undefined && place + 1 === fallbackAfter;
      this.failovers.note(attempt, next, nowMs, isToFallback ? next.deployment : undefined);
    }
  }

  /** Clients make up names, so a deployment is counted once its backend has shown that it has it. */
  #find({ backend: { name }, deployment, outcome }: AttemptRecord): DeploymentTraffic | undefined {
    let ofBackend = this.#deployments.get(name);
    const known = ofBackend?.get(deployment) ?? ofBackend?.get(deploymentKey(deployment));
    if (known !== undefined) return known;
    const isThere = outcome.kind === 'succeeded' || outcome.kind === 'throttled';
    if (!isThere || (ofBackend !== undefined && ofBackend.size >= MAX_DEPLOYMENTS)) return undefined;
    if (ofBackend === undefined) this.#deployments.set(name, (ofBackend = new Map()));
    const traffic = new DeploymentTraffic();
    ofBackend.set(deploymentKey(deployment), traffic);
    return traffic;
  }
}

/** Several backends may be asked although none has failed, as for a merged list. */
function hasFailedOver({ outcome: { kind } }: AttemptRecord): boolean {
  return kind === 'throttled' || kind === 'unavailable' || kind === 'unreachable' || kind === 'declined';
}
