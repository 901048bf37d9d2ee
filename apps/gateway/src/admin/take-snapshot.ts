import type { BackendReport, DeploymentSnapshot, PriorityClass } from '@spillway/core';
import type { Client } from '../client/client.ts';
import type { OverBudgetRates } from '../telemetry/live/client-traffic.ts';
import type { GroupRates } from '../telemetry/live/group-traffic.ts';
import type { LiveTraffic } from '../telemetry/live/live-traffic.ts';
import type { RefusalRate } from '../telemetry/live/refusal-traffic.ts';
import { clientTagsOf } from './client-tags.ts';
import { describeDeployments, standingOf, trafficOf } from './describe-deployments.ts';
import { ofKnownLimits, tellQuotasOnce } from './known-quota.ts';
import { rounded } from './rounded.ts';
import { shorten } from './shorten.ts';
import type {
  BackendSnapshot,
  DeploymentSnapshotState,
  GroupState,
  ProcessState,
  StateSnapshot,
  TotalsState,
} from './snapshot.ts';
import { snapshotClients } from './snapshot-clients.ts';
import { sumDeployments } from './sum-deployments.ts';

/** A process's description of itself. */
type ProcessFacts = Omit<ProcessState, 'waiting'>;

/** The sources of a snapshot. */
export interface SnapshotSources {
  readonly version: string;
  readonly process: ProcessFacts;
  readonly waiting: Readonly<Record<PriorityClass, number>> | undefined;
  readonly reports: readonly BackendReport[];
  /** By their names. */
  readonly clients: ReadonlyMap<string, Pick<Client, 'name' | 'budgets' | 'tags'>>;
  readonly traffic: LiveTraffic;
  /** The wall clock, in ms. */
  readonly atMs: number;
}

const MAX_DEPLOYMENTS = 8;
const MAX_CLIENT_TAGS = 8;

/** Takes a snapshot of the state at `nowMs`, on the clock of the pool and of exchanges. */
export function takeSnapshot(sources: SnapshotSources, nowMs: number): StateSnapshot {
  const { version, process, waiting, reports, clients, traffic, atMs } = sources;
  const priorities = [...new Set(reports.map(({ asWhole }) => asWhole.backend.priority))];
  const clientTags = clientTagsOf(clients.values()).slice(0, MAX_CLIENT_TAGS);
  const described = reports.map((report) => describeDeployments(report, traffic, nowMs));
  return {
    version,
    atMs: Math.round(atMs),
    process: { ...process, waiting },
    totals: { ...totalsOf(traffic, nowMs), ofKnownLimits: ofKnownLimits(described.flat()) },
    groups: priorities
      .sort((a, b) => a - b)
      .map((priority) => describeGroup(traffic.groups.ratesAt(priority, nowMs))),
    backends: reports.map(({ asWhole }, place) =>
      describeBackend(asWhole, described[place] ?? [], traffic, nowMs),
    ),
    ...snapshotClients([...clients.values()], traffic.clients, { nowMs, wallMs: atMs }),
    clientTags: clientTags.length > 0 ? clientTags : undefined,
    failovers: traffic.failovers.newest.map(({ firstMs, lastMs, deployment, fallback, ...failover }) => ({
      deployment: shorten(deployment),
      fallback: fallback && shorten(fallback),
      ...failover,
      sinceMs: Math.round(nowMs - firstMs),
      agoMs: Math.round(nowMs - lastMs),
    })),
    events: traffic.changes.newest.map(({ deployment, atMs: changedMs, ...change }) => ({
      deployment: shorten(deployment),
      ...change,
      agoMs: Math.round(nowMs - changedMs),
    })),
  };
}

function totalsOf(traffic: LiveTraffic, nowMs: number): TotalsState {
  const { clients, tokensPerMinute, overheadP99Ms, firstByteP95Ms, spillingForMs, ...rates } =
    traffic.totalsAt(nowMs);
  return {
    requestsPerSecond: rounded(rates.requestsPerSecond, 10),
    fallbacksPerSecond: rounded(rates.fallbacksPerSecond, 10) || undefined,
    unservedPerSecond: rounded(rates.unservedPerSecond, 10) || undefined,
    leftPerSecond: rounded(rates.leftPerSecond, 10) || undefined,
    refusedPerSecond: rounded(clients.refusedPerSecond, 10),
    refusedFor: describeRefusals(clients.refusedFor),
    brokenOffPerSecond: rounded(clients.brokenOffPerSecond, 10) || undefined,
    hurtForMs: rounded(clients.hurtForMs, 1),
    hurtAgoMs: rounded(clients.hurtAgoMs, 1),
    spillingForMs: rounded(spillingForMs, 1),
    tokensPerMinute,
    client429s: clients.throttled,
    client5xx: clients.serverErrors,
    clientBrokenOff: clients.brokenOff || undefined,
    overBudget: describeOverBudget(traffic.clients.overBudgetAt(nowMs)),
    overheadP99Ms: rounded(overheadP99Ms, 100),
    firstByteP95Ms: rounded(firstByteP95Ms, 1),
  };
}

function describeRefusals(rates: readonly RefusalRate[]): TotalsState['refusedFor'] {
  if (rates.length === 0) return undefined;
  return rates
    .map((rate) => ({ ...rate, requestsPerSecond: rounded(rate.requestsPerSecond, 10) }))
    .sort((a, b) => b.requestsPerSecond - a.requestsPerSecond);
}

function describeOverBudget(rates: OverBudgetRates): TotalsState['overBudget'] {
  const { refusedPerSecond, clients, throttled, isAny } = rates;
  if (!isAny) return undefined;
  return { refusedPerSecond: rounded(refusedPerSecond, 10), clients, client429s: throttled };
}

function describeGroup({ priority, requestsPerSecond, spilledIn, spilledAgoMs }: GroupRates): GroupState {
  return {
    priority,
    requestsPerSecond: rounded(requestsPerSecond, 10),
    spilledIn: spilledIn
      .map((spill) => ({ ...spill, requestsPerSecond: rounded(spill.requestsPerSecond, 10) }))
      .sort((a, b) => b.requestsPerSecond - a.requestsPerSecond),
    spilledAgoMs: rounded(spilledAgoMs, 1),
  };
}

function describeBackend(
  asWhole: DeploymentSnapshot,
  deployments: readonly DeploymentSnapshotState[],
  traffic: LiveTraffic,
  nowMs: number,
): BackendSnapshot {
  const { name, priority, weight, tags = [], deployment } = asWhole.backend;
  const leftOut = tellQuotasOnce(deployments).slice(MAX_DEPLOYMENTS);
  const ofNone = trafficOf(name, '', traffic, nowMs);
  const notShown = ofNone.rpm > 0 ? [...leftOut, ofNone] : leftOut;
  return {
    name,
    priority,
    weight,
    tags: tags.length > 0 ? [...tags] : undefined,
    servesAllAs: shorten(deployment),
    ...standingOf(asWhole, nowMs),
    rps: rounded(traffic.servedPerSecond(name, nowMs), 10),
    brokenOffPerSecond: rounded(traffic.brokenOffPerSecond(name, nowMs), 10) || undefined,
    inFlight: asWhole.inFlight,
    deployments: deployments.slice(0, MAX_DEPLOYMENTS),
    deploymentsLeftOut: leftOut.length || undefined,
    notShown: notShown.length > 0 ? sumDeployments(notShown) : undefined,
  };
}
