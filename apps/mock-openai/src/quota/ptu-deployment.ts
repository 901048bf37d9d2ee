import { estimatePrompt, usualCharactersPerToken, usualMaxTokens } from './estimate-tokens.ts';
import { LeakyBucket } from './leaky-bucket.ts';
import { presetOf } from './presets.ts';
import { minuteMs } from './standard-limits.ts';
import type { CallSize } from './estimate-tokens.ts';
import type { DeploymentQuota, Judgement, Usage } from './judgement.ts';
import type { Limits } from './limits.ts';
import type { PtuQuota } from './quota.ts';

const usualInputTpmPerUnit = 2500;
const noneCached = () => 0;

/**
 * A provisioned deployment: a leaky bucket that is filled by estimate when a call arrives and corrected when it is
 * over.
 */
export class PtuDeployment implements DeploymentQuota {
  readonly #bucket: LeakyBucket;
  readonly #outputWeight: number;
  readonly #maxTokensDefault: number;
  readonly #charactersPerToken: number;

  constructor(quota: PtuQuota, deployment: string) {
    const preset = presetOf(quota.family, deployment);
    const { bucketMs = minuteMs } = quota;
    const perUnit = quota.inputTpmPerUnit ?? preset.inputTpmPerUnit ?? usualInputTpmPerUnit;
    this.#bucket = new LeakyBucket((quota.units * perUnit * bucketMs) / minuteMs, bucketMs);
    this.#outputWeight = quota.outputWeight ?? preset.outputWeight ?? 1;
    this.#maxTokensDefault = quota.maxTokensDefault ?? usualMaxTokens;
    this.#charactersPerToken = quota.charactersPerToken ?? usualCharactersPerToken;
  }

  get limits(): Limits {
    const { capacity, emptiesInMs } = this.#bucket;
    return { kind: 'utilization', capacityTokens: capacity, emptiesInMs };
  }

  judge(size: CallSize, nowMs: number, cachedTokens = noneCached): Judgement {
    const prompt = estimatePrompt(size.prompt, this.#charactersPerToken);
    const answer = this.#outputWeight * (size.maxTokens ?? this.#maxTokensDefault);
    // Cached tokens were really counted, so there may be more of them than estimated.
    const tokens = Math.max(0, prompt - cachedTokens()) + answer;
    const waitMs = this.#bucket.overForMs(nowMs);
    if (waitMs > 0) return { kind: 'refused', tokens, by: 'utilization', waitMs, usage: this.usageAt(nowMs) };
    this.#bucket.pour(tokens, nowMs);
    return { kind: 'admitted', tokens, usage: this.usageAt(nowMs) };
  }

  finish({ maxTokens }: CallSize, outputTokens: number, nowMs: number): number {
    // Embeddings have no answer in tokens, so their charge was right.
    if (maxTokens === 0) return 0;
    const difference = this.#outputWeight * (outputTokens - (maxTokens ?? this.#maxTokensDefault));
    this.#bucket.pour(difference, nowMs);
    return difference;
  }

  usageAt(nowMs: number): Usage {
    return { kind: 'utilization', utilization: this.#bucket.utilizationAt(nowMs) };
  }
}
