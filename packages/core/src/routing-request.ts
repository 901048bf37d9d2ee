/** How urgent requests are, the most urgent first. */
export const priorityClasses = ['interactive', 'standard', 'batch'] as const;

/** How urgent a request is: when quota is short, the less urgent are refused or wait first. */
export type PriorityClass = (typeof priorityClasses)[number];

/** The expected use of a quota by a request, estimated before it is sent. */
export interface TokenEstimate {
  readonly promptTokens: number;
  /** The longest answer that it allows. */
  readonly outputTokens: number;
}

/** A request as the pool needs to know it. */
export interface RoutingRequest {
  /** The deployment the client asked for. */
  readonly deployment: string;
  /** The operation, such as `POST` and `chat/completions`: a backend may refuse that alone. */
  readonly method?: string | undefined;
  readonly operation?: string | undefined;
  /** The name of the one backend that has the object of the request, so that no other can serve it. */
  readonly owner?: string | undefined;
  /** The expected use of the quota; without it, it counts as a request and nothing more. */
  readonly estimate?: TokenEstimate | undefined;
  /**
   * Returns a 32-bit number shared by requests whose prompts begin alike, which a backend may have cached. Called only
   * where there is a choice, as it costs a look at the prompt.
   */
  readonly affinityKey?: (() => number | undefined) | undefined;
  /** How urgent it is (`standard`). */
  readonly priorityClass?: PriorityClass | undefined;
  /** Whether it must not fail where that can be avoided, as it could not be sent again. */
  readonly createsObject?: boolean | undefined;
}
