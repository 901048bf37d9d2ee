/** The source of a limit. */
export type QuotaSource =
  /** The configuration file. */
  | 'stated'
  /** The command line. */
  | 'given'
  /** The most that was served in any minute of the log, in which quota ran out. */
  | 'learned'
  /** None: the log never shows it full. */
  | 'unlimited';

/** The actual quota of backends in a replay, as opposed to the gateway's view of it. */
export interface QuotaTruth {
  /** The quota group, or the backend and its deployment, in the form of `quotaNameOf`. */
  readonly name: string;
  /** Tokens per minute; infinite without a limit. */
  readonly tpm: number;
  /** Requests per minute; infinite without a limit. */
  readonly rpm: number;
  readonly isProvisioned: boolean;
  readonly source: QuotaSource;
  /** The number of requests in the log that may spend it. */
  readonly requests: number;
}

/** Limits of a backend from the command line; infinite where it sets none. */
export interface GivenQuota {
  readonly tpm: number;
  readonly rpm: number | undefined;
}
