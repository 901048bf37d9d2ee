/** A charge of provisioned throughput, and the gauge's state at that charge. */
export interface GaugeMark {
  readonly sentMs: number;
  tokens: number;
  /** The utilisation including it. */
  level: number;
  /** The total charged until then. */
  total: number;
  /** The sum of all corrections of the level until then, so that the same error is not corrected twice. */
  readonly righted: number;
}

/** The backend's report with one request. */
interface Told {
  readonly sentMs: number;
  readonly utilization: number;
  readonly total: number;
}

/** With a smaller rise of the utilisation than this, its rounding (to 0.1 %) matters more than the tokens do. */
const MIN_RISE = 0.02;
/** This close to a share, rounding and travelling requests may put it on the other side. */
const NEAR = 0.002;
/** The weight of a new measurement of the size against the known one. */
const NEWS = 0.3;

/**
 * Where others add load too, a refusal makes it wait until this much more has drained; each further refusal doubles
 * that and adds this again, each served request halves it. A hundred gateways that all return at the first drop are
 * refused in turn.
 */
const CAUTION = 0.02;
const MAX_CAUTION = 0.15;

/** The load of others is measured over at least this part of a minute. */
const MIN_DRAINED = 0.02;
/**
 * For this long after the last answer the load of others is believed to continue. Each of a hundred gateways may hear
 * from a backend only once a minute; with less, a third more of what they send is refused (a calculation, not a measurement).
 */
const INFLOW_MINUTES = 3;
/** The weight of a measurement over a whole minute against the known load. */
const INFLOW_NEWS = 6;
/** Whatever the load of others, looking again must be worth while at some time. */
const MAX_INFLOW = 0.99;
/** The same whatever is reported: one request more than fits may fill a small one several times over, but not more often. */
const MAX_UTILIZATION = 5;

/**
 * The part of a provisioned throughput that is in use: a bucket that every request fills and that drains all the time,
 * from full to empty in a minute (Azure, "What is provisioned throughput?"). Its size is learned from how far requests
 * fill it.
 */
export class UtilizationGauge {
  readonly #drainMs: number;
  /** Tokens that fill it from empty to full; undefined while unknown. */
  #tokens: number | undefined;
  /** Whether the size was configured, and only refined since. */
  #isStated: boolean;
  #level = 0;
  #atMs = 0;
  #total = 0;
  #righted = 0;
  /** The load of others, as a share of the drain. */
  #inflow = 0;
  #caution = 0;
  /** The beginning of its measurement. */
  #inflowSince: Told | undefined;
  /** The latest report. */
  #told: Told | undefined;
  /** The beginning of the next rise's measurement. */
  #measured: Told | undefined;

  constructor(drainMs: number, tokens: number | undefined) {
    this.#drainMs = drainMs;
    this.#tokens = tokens;
    this.#isStated = tokens !== undefined;
  }

  /** Replaces the size; undefined to learn it anew. */
  configure(tokens: number | undefined): void {
    this.#tokens = tokens;
    this.#isStated = tokens !== undefined;
  }

  /** Whether the backend has reported how much is in use. */
  get isTold(): boolean {
    return this.#told !== undefined;
  }

  /** Charges a request. It counts as at most the whole, as a larger estimate is wrong. */
  charge(estimate: number, nowMs: number): GaugeMark {
    const tokens = Math.min(estimate, this.#tokens ?? estimate);
    this.#pour(tokens, nowMs);
    return { sentMs: nowMs, tokens, level: this.#level, total: this.#total, righted: this.#righted };
  }

  /**
   * Corrects a charge once the answer's real usage is known. It counts as at most the whole where only measurements say
   * how much that is: an answer that took more shows that they are wrong, not that nothing fits for as many minutes.
   */
  correct(mark: GaugeMark, difference: number, nowMs: number): void {
    const size = this.#isStated ? undefined : this.#tokens;
    const counted = Math.min(difference, Math.max(0, (size ?? Number.POSITIVE_INFINITY) - mark.tokens));
    mark.tokens += difference;
    mark.level += this.#shareOf(counted);
    mark.total += difference;
    this.#pour(counted, nowMs, difference);
  }

  /** Notes the share in use that the backend reported with the answer to a request. */
  observe(mark: GaugeMark, reported: number, nowMs: number): void {
    if (this.#told !== undefined && mark.sentMs < this.#told.sentMs) return;
    const utilization = Math.min(reported, MAX_UTILIZATION);
    this.#observeInflow(mark, utilization);
    this.#told = { sentMs: mark.sentMs, utilization, total: mark.total };
    if (this.#measured === undefined || this.#hasMeasured(this.#measured, mark, utilization))
      this.#measured = this.#told;
    const wrong = utilization - mark.level - (this.#righted - mark.righted);
    this.#righted += wrong;
    this.#level = Math.max(0, this.levelAt(nowMs) + wrong);
    this.#atMs = nowMs;
  }

  /** Notes whether a request was refused because it was full. */
  judge(wasRefused: boolean): void {
    this.#caution = wasRefused ? Math.min(MAX_CAUTION, this.#caution * 2 + CAUTION) : this.#caution / 2;
  }

  /** Returns the share in use; above 1 it refuses. */
  levelAt(nowMs: number): number {
    const slowMs = Math.max(0, Math.min(nowMs, this.#inflowUntilMs) - this.#atMs);
    const drainedMs = nowMs - this.#atMs - slowMs * this.#inflow;
    return Math.max(0, this.#level - drainedMs / this.#drainMs);
  }

  /** Returns when less than this share is in use: `nowMs` if that is so now. */
  belowAtMs(share: number, nowMs: number): number {
    const over = Math.max(0, this.levelAt(nowMs) - (share - this.#marginAt(nowMs)));
    const overMs = over * this.#drainMs;
    const slowMs = Math.max(0, this.#inflowUntilMs - nowMs);
    const drainedSlowlyMs = slowMs * (1 - this.#inflow);
    if (overMs <= drainedSlowlyMs) return nowMs + overMs / (1 - this.#inflow);
    return nowMs + slowMs + overMs - drainedSlowlyMs;
  }

  /** Returns how many tokens can still be charged before this share is in use; none if the size is unknown. */
  spareBelow(share: number, nowMs: number): number {
    return this.#tokens === undefined
      ? 0
      : (share - this.#marginAt(nowMs) - this.levelAt(nowMs)) * this.#tokens;
  }

  /** Until when others are believed to continue their load. */
  get #inflowUntilMs(): number {
    return (this.#told?.sentMs ?? 0) + this.#drainMs * INFLOW_MINUTES;
  }

  /** How far below a share it must be. Without others it is known well enough. */
  #marginAt(nowMs: number): number {
    return nowMs < this.#inflowUntilMs ? NEAR + this.#caution * this.#inflow : NEAR;
  }

  /** @param total all that was charged, of which `tokens` count */
  #pour(tokens: number, nowMs: number, total = tokens): void {
    this.#level = Math.max(0, this.levelAt(nowMs) + this.#shareOf(tokens));
    this.#atMs = nowMs;
    this.#total += total;
  }

  /**
   * Measures the load of others, which makes it drain more slowly; impossible if it has been empty in between, and as
   * long as nobody knows how far our own requests fill it.
   */
  #observeInflow(mark: GaugeMark, utilization: number): void {
    if (this.#tokens === undefined) return;
    const before = (this.#inflowSince ??= this.#told);
    if (before === undefined) return;
    const drained = (mark.sentMs - before.sentMs) / this.#drainMs;
    const isEmpty = before.utilization < drained;
    if (drained < MIN_DRAINED && !isEmpty) return;
    this.#inflowSince = { sentMs: mark.sentMs, utilization, total: mark.total };
    if (isEmpty) return;
    const own = this.#shareOf(mark.total - before.total);
    const inflow = (utilization - before.utilization - own + drained) / drained;
    const news = Math.min(1, drained * INFLOW_NEWS);
    this.#inflow += (Math.min(MAX_INFLOW, Math.max(0, inflow)) - this.#inflow) * news;
  }

  #shareOf(tokens: number): number {
    return this.#tokens === undefined ? 0 : tokens / this.#tokens;
  }

  /**
   * Measures the size by the charges since, and how far they have filled it. Returns whether the measurement begins
   * anew.
   */
  #hasMeasured(before: Told, mark: GaugeMark, utilization: number): boolean {
    const left = before.utilization - (mark.sentMs - before.sentMs) / this.#drainMs;
    const charged = mark.total - before.total;
    // Once empty it drains no more: how much of several charges it has drained by then is unknown.
    if (left < 0 && charged > mark.tokens) return true;
    const rise = utilization - Math.max(0, left);
    if (rise < MIN_RISE) return left < 0;
    if (charged > 0) this.#learn(charged / rise);
    return true;
  }

  #learn(tokens: number): void {
    this.#tokens = this.#tokens === undefined ? tokens : this.#tokens + (tokens - this.#tokens) * NEWS;
  }
}
