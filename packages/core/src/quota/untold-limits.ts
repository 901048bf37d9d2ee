import type { RefusalPolicy } from '../azure/quota-headers.ts';
import { type Charge, tokensOf } from './charge.ts';
import type { RateWindow } from './rate-window.ts';
import type { RequestWindows } from './request-windows.ts';

/** With fewer requests of ours in a minute, a refusal is mostly due to others, and says nothing about a limit. */
const MIN_REQUESTS = 6;
/**
 * With reported room for this many times the amount asked, a refusal is not for tokens, however wrong our estimate is.
 */
const AMPLE = 4;
/** Once refusals that no limit explains outnumber explained ones by this many, no limit is believed to be the cause. */
const MAX_DOUBT = 6;

/** Learns the limits that a backend does not report, from the requests it accepts and refuses. */
export class UntoldLimits {
  readonly #tokens: RateWindow;
  readonly #requests: RequestWindows;
  #doubt = 0;
  /** Whether refusals have other causes, such as the traffic of others: nothing is held back until that is over. */
  #isDoubtful = false;

  constructor(tokens: RateWindow, requests: RequestWindows) {
    this.#tokens = tokens;
    this.#requests = requests;
  }

  /** Notes that the backend has accepted a request. Returns whether a limit has changed. */
  noteTaken({ tokens, request }: Charge, nowMs: number): boolean {
    const isOther = this.#tokens.noteTaken(tokens, nowMs);
    return this.#requests.noteTaken(request, nowMs) || isOther;
  }

  /**
   * Notes a refusal whose charge was refunded. Returns whether it shows a limit, which is then known.
   *
   * @param policy the limit that the refusal says it is about
   */
  noteRefused(charge: Charge, policy: RefusalPolicy | undefined, nowMs: number): boolean {
    if (this.#isToldOf(charge, policy, nowMs)) return false;
    const isShown = this.#findLimit(charge, policy, nowMs);
    const doubt = this.#doubt + (isShown ? -1 : 1);
    this.#doubt = Math.min(MAX_DOUBT, Math.max(0, doubt));
    if (this.#doubt === 0) this.#isDoubtful = false;
    if (this.#doubt === MAX_DOUBT) this.#isDoubtful = true;
    if (!this.#isDoubtful) return isShown;
    this.forget();
    return false;
  }

  /** Forgets the learned limits. */
  forget(): void {
    this.#tokens.forgetLearned();
    this.#requests.forgetLearned();
  }

  /** Whether a reported or configured limit may explain a refusal. */
  #isToldOf({ estimate }: Charge, policy: RefusalPolicy | undefined, nowMs: number): boolean {
    if (!this.#requests.hasStatedRoomAt(nowMs)) return true;
    const amount = tokensOf(estimate);
    const isOfRequests = policy === 'requests' || !this.#tokens.isTold;
    return !this.#tokens.hasStatedRoomAt(isOfRequests ? amount : amount * AMPLE, nowMs);
  }

  /**
   * Finds the limit that a refusal is for: that of the shortest window whose level exceeded all recently accepted ones,
   * as that holds back the least if it is wrong.
   */
  #findLimit(
    { estimate, tokens, request }: Charge,
    policy: RefusalPolicy | undefined,
    nowMs: number,
  ): boolean {
    if (policy !== 'tokens' && this.#requests.noteRefused(request, nowMs)) return true;
    if (request.minute.level < MIN_REQUESTS) return false;
    if (policy !== 'requests' && this.#tokens.noteRefused(tokens, tokensOf(estimate), nowMs)) return true;
    return policy !== 'tokens' && this.#requests.noteRefusedOfMinute(request, nowMs);
  }
}
