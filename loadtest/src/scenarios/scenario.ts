/** A part of the run, in milliseconds since its start; by default from the beginning or to the end. */
export interface Stretch {
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** An expectation of a run. */
export type Expectation =
  /** Every answer that a client received has this status. */
  | ({ readonly kind: 'clients-see'; readonly status: number } & Stretch)
  /** Every backend of the group was called and no other one. */
  | ({ readonly kind: 'only-group-called'; readonly priority: number } & Stretch)
  /** No backend of the group has much more or less than an equal part of its calls. */
  | ({ readonly kind: 'group-shares'; readonly priority: number } & Stretch)
  | ({ readonly kind: 'nobody-called' } & Stretch)
  /** The backends together refused no more requests than this. */
  | ({ readonly kind: 'refusals-at-most'; readonly count: number } & Stretch)
  /** Backends got at most so many requests more, per 1,000, than clients got answers. */
  | ({ readonly kind: 'duplicates-at-most'; readonly perThousand: number } & Stretch)
  /** Every 429 that a client received says how long it is until `recoveryMs`. */
  | ({ readonly kind: 'honest-retry-after'; readonly recoveryMs: number } & Stretch);

/** A backend of a scenario. */
export interface ScenarioBackend {
  readonly name: string;
  readonly priority: number;
}

/** A change of a backend's behaviour, in the mock's script language. */
export interface Change {
  readonly atMs: number;
  /** How long it lasts; to the end of the run when absent. */
  readonly forMs?: number;
  readonly backend: string;
  readonly script: string;
}

/** Clients that come at random moments, and ask for chats of any length, every second one as a stream. */
export interface Arrivals {
  readonly perSecond: number;
  /** The deployments that they ask, in turns. */
  readonly deployments: readonly string[];
}

/** A load test: its participants, its events, and what the clients and the backends have to observe. */
export interface Scenario {
  readonly name: string;
  readonly shows: string;
  readonly durationMs: number;
  /** The latency of all backends, in the mock's language; short and always the same when absent. */
  readonly latency?: string;
  /** The clients, each of which waits for no other; a dozen that send one request after another when absent. */
  readonly arrivals?: Arrivals;
  readonly backends: readonly ScenarioBackend[];
  readonly changes: readonly Change[];
  readonly expectations: readonly Expectation[];
}
