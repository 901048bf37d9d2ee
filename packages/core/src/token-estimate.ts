/** What a request is expected to take of a quota, estimated before it is sent. */
export interface TokenEstimate {
  readonly promptTokens: number;
  /** The longest answer that it allows. */
  readonly outputTokens: number;
}
