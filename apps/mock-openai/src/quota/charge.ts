/** What a call was charged, or would have been, and when: from these and the limits a quota can be replayed. */
export interface Charge {
  readonly deployment: string;
  readonly isAdmitted: boolean;
  /** The limit that a refused call has to wait for the longest. */
  readonly refusedBy?: 'requests' | 'tokens' | 'utilization' | undefined;
  /** What it was charged on arrival; of a refused call, what it asked for. */
  readonly tokens: number;
  /** When it was judged, in milliseconds since 1970, on the clock of `receivedAtMs`. */
  readonly judgedAtMs: number;
  /** The same moment in the quota's time, exactly as the windows saw it. */
  readonly quotaAtMs: number;
  /** What a provisioned deployment added, or took back, when the answer was over; undefined until then, and of others. */
  readonly correctedBy?: number | undefined;
  /** When it did, in milliseconds since 1970. */
  readonly correctedAtMs?: number | undefined;
}
