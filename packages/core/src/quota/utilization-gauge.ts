/** A charge of provisioned throughput, and how it stood with it. */
export interface GaugeMark {
  readonly sentMs: number;
  tokens: number;
  /** The utilisation with it. */
  level: number;
  /** What had been charged until then, in all. */
  total: number;
  /** How much the level had been put right until then, in all: it is not to be put right twice for the same. */
  readonly righted: number;
}

/** What the backend said of one request. */
interface Told {
  readonly sentMs: number;
  readonly utilization: number;
  readonly total: number;
}

/** With a smaller rise of the utilisation than this, its rounding (to 0.1 %) says more of it than the tokens do. */
const MIN_RISE = 0.02;
/** So near to a share the rounding, and what travels, may have it on the other side. */
const NEAR = 0.002;
/** How much a new measure of the size counts against what was known. */
const NEWS = 0.3;

/**
 * Where others pour in too, a refusal makes it wait until so much more has drained, twice as much and this with each that
 * follows, half with each request that is served: a hundred gateways that all return at the first drop are refused in turn.
 */
const CAUTION = 0.02;
const MAX_CAUTION = 0.15;

/** What others pour in is measured over at least this part of a minute. */
const MIN_DRAINED = 0.02;
/**
 * For so long after the last answer it is believed that they go on. Of a hundred gateways each may hear of a backend once a
 * minute; with less, they send it a third more in vain (measured on paper).
 */
const INFLOW_MINUTES = 3;
/** How much a whole minute's measure would count against what was known. */
const INFLOW_NEWS = 6;
/** Whatever others do, it is to be worth while to look again some time. */
const MAX_INFLOW = 0.99;

/**
 * How much of a provisioned throughput is in use: a bucket that every request fills and that drains all the time, from
 * full to empty in a minute (Azure, "What is provisioned throughput?"). Its size is learned from how far requests fill it.
 */
export class UtilizationGauge {
  readonly #drainMs: number;
  /** Tokens that fill it from empty to full; undefined as long as that is not known. */
  #tokens: number | undefined;
  #level = 0;
  #atMs = 0;
  #total = 0;
  #righted = 0;
  /** What others pour in, as a share of what drains. */
  #inflow = 0;
  #caution = 0;
  /** What it is measured from. */
  #inflowSince: Told | undefined;
  /** The last that was said. */
  #told: Told | undefined;
  /** What the next rise is measured from. */
  #measured: Told | undefined;

  constructor(drainMs: number, tokens: number | undefined) {
    this.#drainMs = drainMs;
    this.#tokens = tokens;
  }

  /** Takes another size; undefined to learn it anew. */
  configure(tokens: number | undefined): void {
    this.#tokens = tokens;
  }

  /** Whether the backend has said how much is in use. */
  get isTold(): boolean {
    return this.#told !== undefined;
  }

  /** Charges a request. It counts as no more than the whole, as a larger estimate is a wrong one. */
  charge(estimate: number, nowMs: number): GaugeMark {
    const tokens = Math.min(estimate, this.#tokens ?? estimate);
    this.#pour(tokens, nowMs);
    return { sentMs: nowMs, tokens, level: this.#level, total: this.#total, righted: this.#righted };
  }

  /** Corrects a charge once it is known what the answer really took. */
  correct(mark: GaugeMark, difference: number, nowMs: number): void {
    mark.tokens += difference;
    mark.level += this.#shareOf(difference);
    mark.total += difference;
    this.#pour(difference, nowMs);
  }

  /** Takes note of the share in use that the backend told, with the answer to a request. */
  observe(mark: GaugeMark, utilization: number, nowMs: number): void {
    if (this.#told !== undefined && mark.sentMs < this.#told.sentMs) return;
    this.#observeInflow(mark, utilization);
    this.#told = { sentMs: mark.sentMs, utilization, total: mark.total };
    if (this.#measured === undefined || this.#hasMeasured(this.#measured, mark, utilization))
      this.#measured = this.#told;
    const wrong = utilization - mark.level - (this.#righted - mark.righted);
    this.#righted += wrong;
    this.#level = Math.max(0, this.levelAt(nowMs) + wrong);
    this.#atMs = nowMs;
  }

  /** Takes note of whether a request was refused because it was full. */
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

  /** Returns how many tokens can still be charged before so large a share is in use; none if the size is not known. */
  spareBelow(share: number, nowMs: number): number {
    return this.#tokens === undefined
      ? 0
      : (share - this.#marginAt(nowMs) - this.levelAt(nowMs)) * this.#tokens;
  }

  /** Until when it is believed that others go on pouring in as they did. */
  get #inflowUntilMs(): number {
    return (this.#told?.sentMs ?? 0) + this.#drainMs * INFLOW_MINUTES;
  }

  /** How far below a share it must be. Alone it is known well enough. */
  #marginAt(nowMs: number): number {
    return nowMs < this.#inflowUntilMs ? NEAR + this.#caution * this.#inflow : NEAR;
  }

  #pour(tokens: number, nowMs: number): void {
    this.#level = Math.max(0, this.levelAt(nowMs) + this.#shareOf(tokens));
    this.#atMs = nowMs;
    this.#total += tokens;
  }

  /**
   * Measures how much others pour in meanwhile, which makes it drain more slowly; unknown once it has been empty, and as
   * long as it is not known how far our own requests fill it.
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

  /** Measures the size by what was charged since and how far that has filled it. Answers whether it is to begin anew. */
  #hasMeasured(before: Told, mark: GaugeMark, utilization: number): boolean {
    const left = before.utilization - (mark.sentMs - before.sentMs) / this.#drainMs;
    const charged = mark.total - before.total;
    // Once it is empty it drains no more: how much of several charges it has drained by then is not known.
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
