import { estimatePrompt, usualCharactersPerToken, usualMaxTokens } from './estimate-tokens.ts';
import { FixedWindow } from './fixed-window.ts';
import { changesAfter, factorAt, timeCut } from './quota-cuts.ts';
import { RollingWindow } from './rolling-window.ts';
import { minuteMs, requestsIn, standardLimits } from './standard-limits.ts';
import type { CallSize } from './estimate-tokens.ts';
import type { DeploymentQuota, Judgement, Usage } from './judgement.ts';
import type { Limits } from './limits.ts';
import type { QuotaCut, TimedCut } from './quota-cuts.ts';
import type { QuotaWindow } from './quota-window.ts';
import type { StandardQuota } from './quota.ts';
import type { StandardLimits } from './standard-limits.ts';

/**
 * A pay-as-you-go deployment: tokens per minute and requests per short window, both charged on arrival and never given
 * back.
 */
export class StandardDeployment implements DeploymentQuota {
  readonly #quota: StandardQuota;
  readonly #limits: StandardLimits;
  readonly #tokens: QuotaWindow;
  readonly #requests: QuotaWindow;
  readonly #reported: QuotaWindow;
  readonly #cuts: TimedCut[];

  constructor(quota: StandardQuota, deployment: string) {
    const limits = standardLimits(quota, deployment);
    this.#quota = quota;
    this.#limits = limits;
    this.#tokens = quota.window === 'fixed' ? new FixedWindow(minuteMs) : new RollingWindow(minuteMs);
    this.#requests = new RollingWindow(limits.requestWindowMs);
    this.#reported = new RollingWindow(limits.reportedWindowMs);
    this.#cuts = (quota.cuts ?? []).map((cut) => timeCut(cut, 0));
  }

  get limits(): Limits {
    const { tpm, rpm, requestWindowMs } = this.#limits;
    return {
      kind: 'rates',
      tpm,
      tokenWindowMs: minuteMs,
      window: this.#quota.window ?? 'rolling',
      rpm,
      requestsPerWindow: rpm === undefined ? undefined : requestsIn(requestWindowMs, rpm, 1),
      requestWindowMs,
      cuts: [...this.#cuts],
    };
  }

  /** Cuts the limits for a time; `nowMs` is when the cut was set, which may be past. */
  cut(cut: QuotaCut, nowMs: number): void {
    this.#cuts.push(timeCut(cut, nowMs));
  }

  judge(size: CallSize, nowMs: number): Judgement {
    const tokens = this.#cost(size);
    const soonest = this.#soonest(tokens, nowMs);
    if (soonest.atMs <= nowMs) {
      this.#tokens.charge(tokens, nowMs);
      this.#requests.charge(1, nowMs);
      this.#reported.charge(1, nowMs);
      return { kind: 'admitted', tokens, usage: this.usageAt(nowMs) };
    }
    const { by, atMs } = soonest;
    return { kind: 'refused', tokens, by, waitMs: atMs - nowMs, usage: this.usageAt(nowMs) };
  }

  /** A charge stays: a short answer gives nothing back. */
  finish(): number {
    return 0;
  }

  usageAt(nowMs: number): Usage {
    const factor = factorAt(this.#cuts, nowMs);
    const { rpm, reportedWindowMs } = this.#limits;
    const limitTokens = this.#tokenLimit(factor);
    const limitRequests = rpm === undefined ? undefined : requestsIn(reportedWindowMs, rpm, factor);
    return {
      kind: 'rates',
      limitRequests,
      remainingRequests: remaining(limitRequests, this.#reported.usedAt(nowMs)),
      limitTokens,
      remainingTokens: remaining(limitTokens, this.#tokens.usedAt(nowMs)),
    };
  }

  /** Finds when both limits allow a call, including cuts that begin or end until then. */
  #soonest(tokens: number, nowMs: number): { readonly atMs: number; readonly by: 'requests' | 'tokens' } {
    this.#tokens.usedAt(nowMs);
    this.#requests.usedAt(nowMs);
    const starts = [nowMs, ...changesAfter(this.#cuts, nowMs)];
    let by: 'requests' | 'tokens' = 'tokens';
    for (const [index, startMs] of starts.entries()) {
      const factor = factorAt(this.#cuts, startMs);
      const tokensAtMs =
        this.#tokens.fitsAt(tokens, this.#tokenLimit(factor) ?? Infinity, startMs) ?? Infinity;
      const requestsAtMs = this.#requests.fitsAt(1, this.#requestLimit(factor), startMs) ?? Infinity;
      const atMs = Math.max(tokensAtMs, requestsAtMs);
      if (index === 0) by = requestsAtMs > tokensAtMs ? 'requests' : 'tokens';
      if (atMs < (starts[index + 1] ?? Infinity)) return { atMs, by };
    }
    // A call larger than the whole limit never fits; Azure's answer to it is not known.
    return { atMs: nowMs + minuteMs, by };
  }

  #tokenLimit(factor: number): number | undefined {
    const { tpm } = this.#limits;
    return tpm === undefined ? undefined : Math.floor(tpm * factor + 1e-9);
  }

  #requestLimit(factor: number): number {
    const { rpm, requestWindowMs } = this.#limits;
    return rpm === undefined ? Infinity : requestsIn(requestWindowMs, rpm, factor);
  }

  #cost({ prompt, maxTokens }: CallSize): number {
    const { charge, maxTokensDefault, charactersPerToken } = this.#quota;
    const answer = maxTokens ?? maxTokensDefault ?? usualMaxTokens;
    // A call without an answer in tokens is always charged for its prompt, because there is nothing else.
    if (charge === 'max-tokens' && maxTokens !== 0) return answer;
    return answer + estimatePrompt(prompt, charactersPerToken ?? usualCharactersPerToken);
  }
}

function remaining(limit: number | undefined, used: number): number | undefined {
  return limit === undefined ? undefined : Math.max(0, limit - used);
}
