/** The charge of a call, real or refused, and its time: with these and the limits a quota can be replayed. */
export interface Charge {
  readonly deployment: string;
  readonly isAdmitted: boolean;
  /** The limit that a refused call has to wait for the longest. */
  readonly refusedBy?: 'requests' | 'tokens' | 'utilization' | undefined;
  /** The charge on arrival; for a refused call, the requested amount. */
  readonly tokens: number;
  /** When it was judged, in milliseconds since 1970, on the clock of `receivedAtMs`. */
  readonly judgedAtMs: number;
  /** The same moment in the quota's time, exactly as the windows saw it. */
  readonly quotaAtMs: number;
  /**
   * The amount that a provisioned deployment added, or took back, at the end of the answer; undefined until then, and
   * for others.
   */
  readonly correctedBy?: number | undefined;
  /** When that happened, in milliseconds since 1970. */
  readonly correctedAtMs?: number | undefined;
}
