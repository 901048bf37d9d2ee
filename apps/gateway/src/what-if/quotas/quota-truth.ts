/** Where a limit comes from. */
export type QuotaSource =
  /** The file says it. */
  | 'stated'
  /** The command line says it. */
  | 'given'
  /** It is the most that was served in any minute of the log, in which quota ran out. */
  | 'learned'
  /** The log never shows it full. */
  | 'unlimited';

/** The quota that backends really have in a replay, as opposed to what the gateway believes of it. */
export interface QuotaTruth {
  /** The quota group, or the backend and its deployment, as `quotaNameOf` has it. */
  readonly name: string;
  /** Tokens per minute; infinite without a limit. */
  readonly tpm: number;
  /** Requests per minute; infinite without a limit. */
  readonly rpm: number;
  readonly isProvisioned: boolean;
  readonly source: QuotaSource;
  /** How many requests of the log may spend it. */
  readonly requests: number;
}

/** Limits of a backend that the command line says; infinite where it says that there is none. */
export interface GivenQuota {
  readonly tpm: number;
  readonly rpm: number | undefined;
}
