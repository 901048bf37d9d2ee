import { type RateReport, type RefusalPolicy, SPILLED_OVER } from '../azure/quota-headers.ts';
import type { QuotaSettings } from '../backend.ts';
import type { TokenEstimate } from '../routing-request.ts';
import { type Charge, tokensOf, type Usage } from './charge.ts';
import { type Headroom, headroomOf, shareOf } from './headroom.ts';
import { KnownRoom } from './known-room.ts';
import { LearnedLimit } from './learned-limit.ts';
import { LimitTrials } from './limit-trials.ts';
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

/** While plenty is left, reports that come closer together than this say the same. */
const REPORT_EVERY_MS = 5;
/** The share of a quota that counts as plenty. */
const PLENTY = 0.5;

/**
 * The headroom of one quota, of one deployment or shared by several. Every attempt is charged when it begins, so that
 * requests under way count, and every answer corrects the estimate.
 */
export class Quota {
  readonly #known = new KnownRoom();
  #isProvisioned: boolean;
  /** Whether Azure itself serves elsewhere the requests for which its provisioned throughput has no room. */
  #isServedWhenFull = false;
  readonly #tokens: RateWindow;
  readonly #requests: RequestWindows;
  readonly #untold: UntoldLimits;
  readonly #utilization: UtilizationGauge;
  #settings: QuotaSettings;
  readonly #probes: ProbeInterval;
  readonly #limitTrials: LimitTrials;
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
    this.#limitTrials = new LimitTrials(this.#tokens, tokenWindowMs);
  }

  /** Replaces the settings. Earlier charges and reports still count. */
  configure(settings: QuotaSettings): void {
    const { tpm, rpm, spillAt } = settings;
    this.#tokens.configure(tpm);
    this.#requests.configure(rpm);
    // Unless the settings change it, the learned size stays.
    if (tpm !== this.#settings.tpm) this.#utilization.configure(tpm);
    this.#isProvisioned = spillAt !== undefined || this.#utilization.isTold;
    this.#settings = settings;
    this.#known.forget();
    this.#knownUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** Whether it is of provisioned throughput, according to its answers or its configuration. */
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
      isTrial: this.#limitTrials.begin(tokens, nowMs),
      tokens: this.#tokens.charge(tokens, nowMs),
      request: this.#requests.charge(nowMs),
      gauge: this.#isProvisioned ? this.#utilization.charge(tokens, nowMs) : undefined,
    };
  }

  /** Refunds the charge of an attempt that the backend has not served; refused requests cost nothing. */
  refund({ tokens, request, gauge }: Charge, nowMs: number): void {
    this.#refundTokens(tokens);
    this.#requests.refund(request);
    if (gauge !== undefined) this.#utilization.correct(gauge, -gauge.tokens, nowMs);
  }

  /** Refunds a charge larger than the whole limit: whatever became of the attempt, it did not take that much. */
  refundAbsurd({ estimate, tokens }: Charge): void {
    const { statedLimit = Number.POSITIVE_INFINITY } = this.#tokens;
    if (!this.isProvisioned && tokensOf(estimate) > statedLimit) this.#refundTokens(tokens);
  }

  /** Whether the next answer's report on the quota is to be read. */
  isReportDue(nowMs: number): boolean {
    return nowMs >= this.#knownUntilMs;
  }

  /**
   * Notes an answer's report on the quota.
   *
   * @param policy the limit that the refusal says it is about
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

  /** Notes that the backend has accepted a request, which shows something about limits it does not report. */
  noteTaken(charge: Charge, nowMs: number): void {
    if (!this.#isProvisioned && this.#untold.noteTaken(charge, nowMs)) this.#known.forget();
  }

  /**
   * Notes a refusal whose charge was refunded. Returns whether it shows a limit that the backend does not report,
   * which then explains it.
   */
  noteRefused(charge: Charge, policy: RefusalPolicy | undefined, nowMs: number): boolean {
    if (this.#isProvisioned) return false;
    this.#known.forget();
    return this.#untold.noteRefused(charge, policy, nowMs);
  }

  /** Notes whether an attempt was refused for spent quota, which tests the belief that there was no room. */
  judgeProbe({ isProbe, isTrial, gauge, tokens }: Charge, wasRefused: boolean, nowMs: number): void {
    if (gauge !== undefined) this.#utilization.judge(wasRefused);
    if (wasRefused) this.#isServedWhenFull = false;
    if (isTrial) this.#limitTrials.judge(wasRefused, tokens.sentMs, nowMs);
    if (isProbe && wasRefused) this.#probes.noteRefused(tokens.sentMs, nowMs);
    if (wasRefused || !(isProbe || isTrial)) return;
    if (isProbe) this.#probes.noteServed(this.#tokens.isTold || this.#requests.isTold);
    // A limit that was reported once and is now wrong is forgotten, unless this answer reports it again.
    this.#known.forget();
    this.#tokens.learn(undefined);
    this.#untold.forget();
  }

  /** Whether an answer's real usage matters: only provisioned throughput is refunded. */
  get wantsUsage(): boolean {
    return this.isProvisioned;
  }

  /** Corrects an attempt's charge to the real usage of its answer. */
  finish({ gauge }: Charge, { promptTokens, outputTokens, cachedTokens }: Usage, nowMs: number): void {
    if (gauge === undefined) return;
    // A backend that reports the share in use has already left out cached tokens.
    const left = this.#utilization.isTold ? 0 : cachedTokens;
    const difference = promptTokens - left + outputTokens - gauge.tokens;
    this.#utilization.correct(gauge, difference, nowMs);
    if (difference > 0) this.#known.forget();
    else this.#known.noteRefund();
  }

  /** Returns whether there is room for a request now, beside the reserved share of the quota. */
  hasRoomAt(estimate: TokenEstimate | undefined, reserved: number, nowMs: number): boolean {
    if (this.#isServedWhenFull) return true;
    const tokens = tokensOf(estimate);
    const known = this.#known;
    if (known.isSureOf(tokens, reserved)) return true;
    // A request larger than the whole limit waits for less than one nearly as large as it, so neither says anything
    // about the other.
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
   * Returns when there is room for a request beside the reserved share of the quota: `nowMs` if there is now.
   *
   * @param atMostMs returned if the moment is later than that, which may be known without computing it
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

  /** Whether a request asks for more than the whole limit: then its estimate is wrong, or it is never served. */
  exceedsLimit(estimate: TokenEstimate | undefined): boolean {
    return !this.isProvisioned && tokensOf(estimate) > (this.#tokens.limit ?? Number.POSITIVE_INFINITY);
  }

  /** Whether the limit that a request exceeds may have been raised since anything has confirmed it. */
  isLimitInDoubtAt(estimate: TokenEstimate | undefined, nowMs: number): boolean {
    return this.#limitTrials.isDueAt(tokensOf(estimate), nowMs);
  }

  /** Whether a refusal was to be expected: the request needs more than is left. */
  explainsRefusal(estimate: TokenEstimate | undefined, nowMs: number): boolean {
    if (!this.hasRoomAt(estimate, 0, nowMs)) return true;
    // A request larger than the whole limit is allowed to try, but its refusal says nothing about smaller ones.
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
   * Whether it has been left alone for so long that its estimate is in doubt: while a quota is believed to be spent,
   * nothing would show otherwise; or whether it may be spent for less long than it seems.
   */
  isProbeDueAt(estimate: TokenEstimate | undefined, nowMs: number): boolean {
    if (this.#probes.isOver(nowMs - this.#chargedMs)) return true;
    return this.#requests.isTrialDueAt(nowMs) && this.#tokens.roomAtMs(tokensOf(estimate), 0, nowMs) <= nowMs;
  }

  /** Returns the remaining share of tokens or requests, whichever is less; undefined if neither is known. */
  shareAt(nowMs: number): number | undefined {
    if (this.isProvisioned) return Math.max(0, 1 - this.#utilization.levelAt(nowMs));
    const tokens = shareOf(this.#tokens.remainingAt(nowMs), this.#tokens.limit);
    const requests = shareOf(this.#requests.remainingAt(nowMs), this.#requests.limit);
    if (tokens === undefined || requests === undefined) return tokens ?? requests;
    return Math.min(tokens, requests);
  }

  /** Returns the headroom, for people and for load balancers in front. */
  headroomAt(nowMs: number): Headroom {
    // Provisioned throughput is not counted in tokens per minute.
    const tokens = this.isProvisioned ? undefined : this.#tokens;
    const utilization = this.isProvisioned ? this.#utilization.levelAt(nowMs) : undefined;
    return headroomOf({ share: this.shareAt(nowMs), utilization }, tokens, this.#requests, nowMs);
  }

  #refundTokens(tokens: Charge['tokens']): void {
    this.#known.noteRefund();
    this.#tokens.correct(tokens, -tokens.amount);
  }
}
