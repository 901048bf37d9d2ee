import { PtuDeployment } from './ptu-deployment.ts';
import { Spending } from './spending.ts';
import { StandardDeployment } from './standard-deployment.ts';
import type { Charge } from './charge.ts';
import type { CallSize } from './estimate-tokens.ts';
import type { DeploymentQuota, Judgement } from './judgement.ts';
import type { DeploymentState, QuotaState } from './quota-state.ts';
import type { Quota, Quotas } from './quota.ts';
import type { CutRequest } from './read-cut.ts';

/** A judged call; its `waitMs` is in real time. */
export interface JudgedCall {
  readonly quota: Quota;
  readonly judgement: Judgement;
  /** Includes a correction when there was one. */
  readonly charge: Charge;
  /** Corrects the charge when the answer is over; works once. */
  readonly finish: (outputTokens: number, nowMs: number) => void;
}

interface Deployment {
  readonly quota: Quota;
  readonly meter: DeploymentQuota;
  readonly spending: Spending;
}

/** The quotas of a mock and their spending; its times are real ones, which it converts to the quota's. */
export class RunningQuota {
  readonly #timeScale: number;
  #quotas: Quotas = {};
  #deployments = new Map<string, Deployment>();
  #cuts: { readonly cut: CutRequest; readonly atMs: number }[] = [];
  #startedAtMs = 0;

  constructor(quotas: Quotas, timeScale: number, nowMs: number) {
    this.#timeScale = timeScale;
    this.start(quotas, nowMs);
  }

  /** Starts other quotas, of which nothing is spent yet. */
  start(quotas: Quotas, nowMs: number): void {
    this.#quotas = quotas;
    this.#startedAtMs = nowMs;
    this.#cuts = [];
    this.#deployments = new Map();
    for (const name of Object.keys(quotas)) if (name !== '*') this.#deployment(name);
  }

  /** Whether there is any quota. */
  get isOn(): boolean {
    return Object.keys(this.#quotas).length > 0;
  }

  /** Cuts the limits of one deployment or of all for a time; provisioned ones are never cut. */
  cut(cut: CutRequest, nowMs: number): void {
    const atMs = this.#quotaTime(nowMs);
    this.#cuts.push({ cut, atMs });
    for (const [name, { meter }] of this.#deployments) applyCut(meter, name, cut, atMs);
  }

  /** Judges an arriving call, and charges it if it fits; undefined when its deployment has no quota. */
  judge(name: string, size: CallSize, nowMs: number, cachedTokens?: () => number): JudgedCall | undefined {
    const deployment = this.#deployment(name);
    if (deployment === undefined) return undefined;
    const { quota, meter, spending } = deployment;
    const atMs = this.#quotaTime(nowMs);
    const startedAtMs = this.#startedAtMs;
    const judgement = meter.judge(size, atMs, cachedTokens);
    const charge = makeCharge(name, judgement, nowMs, atMs);
    if (judgement.kind === 'refused') {
      spending.refuse(atMs);
      const waitMs = judgement.waitMs / this.#timeScale;
      return { quota, judgement: { ...judgement, waitMs }, charge, finish: () => {} };
    }
    spending.admit(judgement.tokens, atMs);
    let isFinished = false;
    const finish = (outputTokens: number, endedAtMs: number) => {
      if (isFinished) return;
      isFinished = true;
      const finishedAtMs = (endedAtMs - startedAtMs) * this.#timeScale;
      const difference = meter.finish(size, outputTokens, finishedAtMs);
      if (difference === 0) return;
      spending.correct(difference, finishedAtMs);
      charge.correctedBy = difference;
      charge.correctedAtMs = sinceEpoch(endedAtMs);
    };
    return { quota, judgement, charge, finish };
  }

  stateAt(nowMs: number): QuotaState {
    const atMs = this.#quotaTime(nowMs);
    const states = [...this.#deployments].map(([name, { meter, spending }]): [string, DeploymentState] => {
      const { admitted, refused, tokens, periods } = spending;
      const { limits } = meter;
      return [name, { limits, usage: meter.usageAt(atMs), admitted, refused, tokens, periods }];
    });
    return {
      timeScale: this.#timeScale,
      startedAtMs: sinceEpoch(this.#startedAtMs),
      nowMs: atMs,
      quotas: this.#quotas,
      deployments: Object.fromEntries(states),
    };
  }

  #quotaTime(nowMs: number): number {
    return (nowMs - this.#startedAtMs) * this.#timeScale;
  }

  #deployment(name: string): Deployment | undefined {
    const known = this.#deployments.get(name);
    if (known !== undefined) return known;
    const quota = Object.hasOwn(this.#quotas, name) ? this.#quotas[name] : this.#quotas['*'];
    if (quota === undefined) return undefined;
    const meter = quota.kind === 'ptu' ? new PtuDeployment(quota, name) : new StandardDeployment(quota, name);
    for (const { cut, atMs } of this.#cuts) applyCut(meter, name, cut, atMs);
    const deployment = { quota, meter, spending: new Spending() };
    this.#deployments.set(name, deployment);
    return deployment;
  }
}

function applyCut(meter: DeploymentQuota, name: string, cut: CutRequest, atMs: number): void {
  const { deployment = '*' } = cut;
  if (meter instanceof StandardDeployment && (deployment === '*' || deployment === name))
    meter.cut(cut, atMs);
}

function makeCharge(
  deployment: string,
  judgement: Judgement,
  nowMs: number,
  quotaAtMs: number,
): { -readonly [K in keyof Charge]: Charge[K] } {
  return {
    deployment,
    isAdmitted: judgement.kind === 'admitted',
    refusedBy: judgement.kind === 'refused' ? judgement.by : undefined,
    tokens: judgement.tokens,
    judgedAtMs: sinceEpoch(nowMs),
    quotaAtMs,
    correctedBy: undefined,
    correctedAtMs: undefined,
  };
}

function sinceEpoch(nowMs: number): number {
  return performance.timeOrigin + nowMs;
}
