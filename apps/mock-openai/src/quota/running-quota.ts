import { PtuDeployment } from './ptu-deployment.ts';
import { Spending } from './spending.ts';
import { StandardDeployment } from './standard-deployment.ts';
import type { CallSize } from './estimate-tokens.ts';
import type { DeploymentQuota, Judgement, Usage } from './judgement.ts';
import type { Quota, Quotas } from './quota.ts';
import type { CutRequest } from './read-cut.ts';
import type { SpentPeriod } from './spending.ts';

/** A call that was judged; its `waitMs` is in real time. */
export interface JudgedCall {
  readonly quota: Quota;
  readonly judgement: Judgement;
  /** Corrects what was charged when the answer is over; does so once. */
  readonly finish: (outputTokens: number, nowMs: number) => void;
}

/** What is left of a deployment's quota and what it has spent; its times are the quota's. */
export interface DeploymentState {
  readonly usage: Usage;
  readonly admitted: number;
  readonly refused: number;
  /** Tokens charged, corrections included. */
  readonly tokens: number;
  readonly periods: readonly SpentPeriod[];
}

/** What the quotas of a mock are and what was spent of them. */
export interface QuotaState {
  /** How many times as fast as real time the quota's time passes. */
  readonly timeScale: number;
  /** The quota's time, from when it was set. */
  readonly nowMs: number;
  readonly quotas: Quotas;
  /** Every deployment that is named or was called. */
  readonly deployments: Readonly<Record<string, DeploymentState>>;
}

interface Deployment {
  readonly quota: Quota;
  readonly limits: DeploymentQuota;
  readonly spending: Spending;
}

/** The quotas of a mock and how far they are spent; its times are real ones, which it turns into the quota's. */
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
    for (const [name, { limits }] of this.#deployments) applyCut(limits, name, cut, atMs);
  }

  /** Judges a call that arrives, and charges it if it fits; undefined when its deployment has no quota. */
  judge(name: string, size: CallSize, nowMs: number): JudgedCall | undefined {
    const deployment = this.#deployment(name);
    if (deployment === undefined) return undefined;
    const { quota, limits, spending } = deployment;
    const atMs = this.#quotaTime(nowMs);
    const startedAtMs = this.#startedAtMs;
    const judgement = limits.judge(size, atMs);
    if (judgement.kind === 'refused') {
      spending.refuse(atMs);
      return {
        quota,
        judgement: { ...judgement, waitMs: judgement.waitMs / this.#timeScale },
        finish: () => {},
      };
    }
    spending.admit(judgement.tokens, atMs);
    let isFinished = false;
    const finish = (outputTokens: number, endedAtMs: number) => {
      if (isFinished) return;
      isFinished = true;
      const finishedAtMs = (endedAtMs - startedAtMs) * this.#timeScale;
      spending.correct(limits.finish(size, outputTokens, finishedAtMs), finishedAtMs);
    };
    return { quota, judgement, finish };
  }

  stateAt(nowMs: number): QuotaState {
    const atMs = this.#quotaTime(nowMs);
    const states = [...this.#deployments].map(([name, { limits, spending }]): [string, DeploymentState] => {
      const { admitted, refused, tokens, periods } = spending;
      return [name, { usage: limits.usageAt(atMs), admitted, refused, tokens, periods }];
    });
    return {
      timeScale: this.#timeScale,
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
    const limits =
      quota.kind === 'ptu' ? new PtuDeployment(quota, name) : new StandardDeployment(quota, name);
    for (const { cut, atMs } of this.#cuts) applyCut(limits, name, cut, atMs);
    const deployment = { quota, limits, spending: new Spending() };
    this.#deployments.set(name, deployment);
    return deployment;
  }
}

function applyCut(limits: DeploymentQuota, name: string, cut: CutRequest, atMs: number): void {
  const { deployment = '*' } = cut;
  if (limits instanceof StandardDeployment && (deployment === '*' || deployment === name))
    limits.cut(cut, atMs);
}
