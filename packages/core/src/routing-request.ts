/** How urgent requests are, the most urgent first. */
export const priorityClasses = ['interactive', 'standard', 'batch'] as const;

/** How urgent a request is: when quota is short, the less urgent are refused or wait first. */
export type PriorityClass = (typeof priorityClasses)[number];

/** What a request is expected to take of a quota, estimated before it is sent. */
export interface TokenEstimate {
  readonly promptTokens: number;
  /** The longest answer that it allows. */
  readonly outputTokens: number;
}

/** What a request wants of the pool. */
export interface RoutingRequest {
  /** The deployment the client asked for. */
  readonly deployment: string;
  /** What is asked of it, such as `POST` and `chat/completions`: a backend may refuse that alone. */
  readonly method?: string | undefined;
  readonly operation?: string | undefined;
  /** The name of the one backend that has what the request is about, so that no other can serve it. */
  readonly owner?: string | undefined;
  /** What it is expected to take of the quota; without it, it counts as a request and nothing more. */
  readonly estimate?: TokenEstimate | undefined;
  /**
   * Returns a 32-bit number that it has in common with requests whose prompts begin alike, which a backend may have cached.
   * Asked for only where there is a choice, as it costs a look at the prompt.
   */
  readonly affinityKey?: (() => number | undefined) | undefined;
  /** How urgent it is (`standard`). */
  readonly priorityClass?: PriorityClass | undefined;
  /** Whether it must not fail where it can be avoided, as it could not be sent again. */
  readonly createsObject?: boolean | undefined;
}
