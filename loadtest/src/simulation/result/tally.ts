import { type Call, chargedTokens } from '@spillway/simulation';

/** The counts of a simulation so far. */
export class Tally {
  requests = 0;
  attempts = 0;
  successes = 0;
  /** 429s that backends answered. */
  backendRefusals = 0;
  /** 429s that clients got. */
  clientRefusals = 0;
  /** Those at a moment when at least one backend would have served the request. */
  avoidableRefusals = 0;
  /** The tokens that clients asked each replica for, and how many of these were served. */
  readonly offeredTokens: Float64Array;
  readonly grantedTokens: Float64Array;

  constructor(replicas: number) {
    this.offeredTokens = new Float64Array(replicas);
    this.grantedTokens = new Float64Array(replicas);
  }

  countRequest(call: Call): void {
    this.requests += 1;
    add(this.offeredTokens, call);
  }

  countSuccess(call: Call): void {
    this.successes += 1;
    add(this.grantedTokens, call);
  }

  countRefusal(isAvoidable: boolean): void {
    this.clientRefusals += 1;
    if (isAvoidable) this.avoidableRefusals += 1;
  }
}

function add(tokens: Float64Array, call: Call): void {
  tokens[call.replica] = (tokens[call.replica] ?? 0) + chargedTokens(call);
}
