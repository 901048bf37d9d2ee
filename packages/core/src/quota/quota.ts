import { type RateReport, type RefusalPolicy, SPILLED_OVER } from '../azure/quota-headers.ts';
import type { QuotaSettings } from '../backend.ts';
import type { TokenEstimate } from '../routing-request.ts';
import { type Charge, tokensOf, type Usage } from './charge.ts';
import { type Headroom, shareOf } from './headroom.ts';
import { KnownRoom } from './known-room.ts';
import { LearnedLimit } from './learned-limit.ts';
import { ProbeInterval } from './probe-interval.ts';
import { RateWindow } from './rate-window.ts';
import { RequestWindows } from './request-windows.ts';
import { UntoldLimits } from './untold-limits.ts';
import { UtilizationGauge } from './utilization-gauge.ts';

/** The lengths of the windows that Azure counts in. */
export interface QuotaWindows {
  /** Of the limit on tokens: a minute. */
  readonly tokenWindowMs: number;
  /** Of the limit on requests: 10 s, of some models 1 s. */
  readonly requestWindowMs: number;
}

/** With plenty left, answers that come closer together than this tell the same. */
const REPORT_EVERY_MS = 5;
/** This share of a quota is plenty. */
const PLENTY = 0.5;

/**
 * What is left of one quota: of a deployment's, or of one that several draw on. Every attempt is charged when it begins,
 * so that those under way count for each other, and every answer corrects what is believed.
 */
export class Quota {
  readonly #known = new KnownRoom();
  #isProvisioned: boolean;
  /** Whether Azure itself serves elsewhere what its provisioned throughput has no room for. */
  #isServedWhenFull = false;
  readonly #tokens: RateWindow;
  readonly #requests: RequestWindows;
  readonly #untold: UntoldLimits;
  readonly #utilization: UtilizationGauge;
  #settings: QuotaSettings;
  readonly #probes: ProbeInterval;
  #chargedMs = Number.NEGATIVE_INFINITY;
  /** Until when no answer has to be read. */
  #knownUntilMs = Number.NEGATIVE_INFINITY;

  constructor(settings: QuotaSettings, { tokenWindowMs, requestWindowMs }: QuotaWindows) {
    const { tpm, rpm, spillAt } = settings;
    this.#settings = settings;
    this.#tokens = new RateWindow(tokenWindowMs, tpm, new LearnedLimit(tokenWindowMs));
    this.#requests = new RequestWindows(requestWindowMs, tokenWindowMs, rpm);
    this.#untold = new UntoldLimits(this.#tokens, this.#requests);
    this.#utilization = new UtilizationGauge(tokenWindowMs, tpm);
    this.#isProvisioned = spillAt !== undefined;
    this.#probes = new ProbeInterval(tokenWindowMs);
  }

  /** Takes other settings. What was charged, and what answers told, still counts. */
  configure(settings: QuotaSettings): void {
    const { tpm, rpm, spillAt } = settings;
    this.#tokens.configure(tpm);
    this.#requests.configure(rpm);
    // Unless it is said otherwise, it keeps the size that it has learned.
    if (tpm !== this.#settings.tpm) this.#utilization.configure(tpm);
    this.#isProvisioned = spillAt !== undefined || this.#utilization.isTold;
    this.#settings = settings;
    this.#known.forget();
    this.#knownUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** Whether it is of provisioned throughput, as its answers or its configuration say. */
  get isProvisioned(): boolean {
    return this.#isProvisioned;
  }

  /** Charges an attempt that begins. */
  charge(estimate: TokenEstimate | undefined, nowMs: number): Charge {
    const tokens = tokensOf(estimate);
    const isProbe = !this.hasRoomAt(estimate, 0, nowMs);
    this.#chargedMs = nowMs;
    this.#known.take(tokens);
    return {
      estimate,
      isProbe,
      tokens: this.#tokens.charge(tokens, nowMs),
      request: this.#requests.charge(nowMs),
      gauge: this.#isProvisioned ? this.#utilization.charge(tokens, nowMs) : undefined,
    };
  }

  /** Takes back what an attempt was charged that the backend has not served; refused requests cost nothing. */
  refund(charge: Charge, nowMs: number): void {
    const { request, gauge } = charge;
    this.#takeBackTokens(charge);
    this.#requests.refund(request);
    if (gauge !== undefined) this.#utilization.correct(gauge, -gauge.tokens, nowMs);
  }

  /** Takes back what an attempt was charged if that is more than the whole: whatever became of it, it was not that. */
  refundAbsurd(charge: Charge): void {
    const { statedLimit = Number.POSITIVE_INFINITY } = this.#tokens;
    if (!this.isProvisioned && tokensOf(charge.estimate) > statedLimit) this.#takeBackTokens(charge);
  }

  /** Whether the next answer is to be read for what it tells of the quota. */
  isReportDue(nowMs: number): boolean {
    return nowMs >= this.#knownUntilMs;
  }

  /**
   * Takes note of what the answer to an attempt tells of the quota.
   *
   * @param policy what it says that it is refused for
   */
  observe(charge: Charge, report: RateReport, nowMs: number, policy?: RefusalPolicy): void {
    const { tokens, request, gauge } = charge;
    const { limitTokens, remainingTokens, limitRequests, remainingRequests, utilization } = report;
    if (report === SPILLED_OVER) this.#isServedWhenFull = true;
    this.#known.forget();
    if (remainingTokens !== undefined) this.#tokens.observe(tokens, limitTokens, remainingTokens, nowMs);
    if (remainingRequests !== undefined)
      this.#requests.observe(request, limitRequests, remainingRequests, nowMs);
    if (policy === 'requests') this.#requests.observeRefusal(request, limitRequests, remainingRequests);
    if (utilization !== undefined) {
      this.#isProvisioned = true;
      this.#utilization.observe(gauge ?? this.#utilization.charge(tokens.amount, nowMs), utilization, nowMs);
    }
    const hasPlenty = (this.shareAt(nowMs) ?? 0) > PLENTY;
    this.#knownUntilMs = hasPlenty ? nowMs + REPORT_EVERY_MS : Number.NEGATIVE_INFINITY;
  }

  /** Takes note that the backend has taken a request, which shows something of limits that it does not tell. */
  noteTaken(charge: Charge, nowMs: number): void {
    if (!this.#isProvisioned && this.#untold.noteTaken(charge, nowMs)) this.#known.forget();
  }

  /**
   * Takes note of a refusal, of what was given back. Returns whether it shows a limit that the backend does not tell: then
   * it is explained.
   */
  noteRefused(charge: Charge, policy: RefusalPolicy | undefined, nowMs: number): boolean {
    if (this.#isProvisioned) return false;
    this.#known.forget();
    return this.#untold.noteRefused(charge, policy, nowMs);
  }

  /** Takes note of whether an attempt was refused for spent quota: how right was it to think that there is no room? */
  judgeProbe({ isProbe, gauge }: Charge, wasRefused: boolean): void {
    if (gauge !== undefined) this.#utilization.judge(wasRefused);
    if (wasRefused) this.#isServedWhenFull = false;
    if (!isProbe) return;
    this.#probes.note(wasRefused);
    if (wasRefused) return;
    // A limit that was told once, and is wrong now, is forgotten, unless this answer tells it again.
    this.#known.forget();
    this.#tokens.learn(undefined);
    this.#untold.forget();
  }

  /** Whether it matters to know what an answer has really taken: only provisioned throughput is given back. */
  get wantsUsage(): boolean {
    return this.isProvisioned;
  }

  /** Corrects what an attempt was charged by what its answer has really taken. */
  finish({ gauge }: Charge, { promptTokens, outputTokens, cachedTokens }: Usage, nowMs: number): void {
    if (gauge === undefined) return;
    // Whoever tells the share in use has left out of it what was cached.
    const left = this.#utilization.isTold ? 0 : cachedTokens;
    const difference = promptTokens - left + outputTokens - gauge.tokens;
    this.#utilization.correct(gauge, difference, nowMs);
    if (difference > 0) this.#known.forget();
    else this.#known.noteGivenBack();
  }

  /** Returns whether there is room for a request now, beside what is reserved (a share of the quota). */
  hasRoomAt(estimate: TokenEstimate | undefined, reserved: number, nowMs: number): boolean {
    if (this.#isServedWhenFull) return true;
    const tokens = tokensOf(estimate);
    const known = this.#known;
    if (known.isSureOf(tokens, reserved)) return true;
    // What is more than the whole waits for less than what is nearly the whole, so neither tells of the other.
    const isTooLarge = this.exceedsLimit(estimate);
    if (!isTooLarge && nowMs < known.fullUntilMs(tokens, reserved)) return false;
    const untilMs = this.recoversAtMs(estimate, reserved, nowMs);
    const hasRoom = untilMs <= nowMs;
    if (hasRoom) {
      const spareTokens = this.#isProvisioned
        ? this.#utilization.spareBelow(1 - reserved, nowMs)
        : this.#tokens.spareAt(reserved, nowMs);
      known.noteRoom(spareTokens, this.#requests.spareAt(reserved, nowMs), reserved);
    } else {
      known.noteFull(isTooLarge ? Number.POSITIVE_INFINITY : tokens, reserved, untilMs);
    }
    return hasRoom;
  }

  /**
   * Returns when there is room for a request, beside what is reserved (a share of the quota): `nowMs` if there is now.
   *
   * @param atMostMs returned if it is later than that, which may be known without reckoning
   */
  recoversAtMs(
    estimate: TokenEstimate | undefined,
    reserved: number,
    nowMs: number,
    atMostMs = Number.POSITIVE_INFINITY,
  ): number {
    if (this.#known.fullUntilMs(tokensOf(estimate), reserved) >= atMostMs) return atMostMs;
    const ownAtMs = this.isProvisioned
      ? this.#utilization.belowAtMs(1 - reserved, nowMs)
      : this.#tokens.roomAtMs(tokensOf(estimate), reserved, nowMs);
    return Math.min(atMostMs, Math.max(ownAtMs, this.#requests.roomAtMs(reserved, nowMs)));
  }

  /** Whether a request asks for more than the whole limit: then its estimate is wrong, or it is in vain. */
  exceedsLimit(estimate: TokenEstimate | undefined): boolean {
    return !this.isProvisioned && tokensOf(estimate) > (this.#tokens.limit ?? Number.POSITIVE_INFINITY);
  }

  /** Whether it is no wonder that a request was refused: more is asked for than is left. */
  explainsRefusal(estimate: TokenEstimate | undefined, nowMs: number): boolean {
    if (!this.hasRoomAt(estimate, 0, nowMs)) return true;
    // A request that is larger than the whole is let try, but its refusal says nothing of smaller ones.
    return (
      !this.isProvisioned &&
      tokensOf(estimate) > (this.#tokens.remainingAt(nowMs) ?? Number.POSITIVE_INFINITY)
    );
  }

  /** Whether so much of the provisioned throughput is in use that other quotas are preferred. */
  isSpillingAt(nowMs: number): boolean {
    if (!this.isProvisioned) return false;
    return (
      this.#utilization.levelAt(nowMs) >= (this.#settings.spillAt ?? 1) ||
      (this.#isServedWhenFull && this.#utilization.belowAtMs(1, nowMs) > nowMs)
    );
  }

  /**
   * Whether it has been left alone for so long that its estimate deserves a doubt: whoever believes a quota to be spent
   * would not hear that it is not.
   */
  isProbeDueAt(nowMs: number): boolean {
    return this.#probes.isOver(nowMs - this.#chargedMs);
  }

  /** Returns the share that is left, of tokens or requests, whichever is less; undefined if neither is known. */
  shareAt(nowMs: number): number | undefined {
    if (this.isProvisioned) return Math.max(0, 1 - this.#utilization.levelAt(nowMs));
    const tokens = shareOf(this.#tokens.remainingAt(nowMs), this.#tokens.limit);
    const requests = shareOf(this.#requests.remainingAt(nowMs), this.#requests.limit);
    if (tokens === undefined || requests === undefined) return tokens ?? requests;
    return Math.min(tokens, requests);
  }

  /** Returns what is left, for people and for balancers in front. */
  headroomAt(nowMs: number): Headroom {
    // What is provisioned is not counted in tokens of a minute.
    const tokens = this.isProvisioned ? undefined : this.#tokens;
    return {
      share: this.shareAt(nowMs),
      limitTokens: tokens?.limit,
      remainingTokens: tokens?.remainingAt(nowMs),
      othersTokens: tokens?.limit === undefined ? undefined : tokens.othersAt(nowMs),
      limitRequests: this.#requests.limit,
      remainingRequests: this.#requests.remainingAt(nowMs),
      utilization: this.isProvisioned ? this.#utilization.levelAt(nowMs) : undefined,
    };
  }

  #takeBackTokens({ tokens }: Charge): void {
    this.#known.noteGivenBack();
    this.#tokens.correct(tokens, -tokens.amount);
  }
}
