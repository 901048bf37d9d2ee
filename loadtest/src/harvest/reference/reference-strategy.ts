/** A backend as a reference strategy knows it. */
export interface ReferenceBackend {
  readonly url: string;
  /** Lower is preferred. */
  readonly priority: number;
}

/** The facts that a strategy gets about a backend's answer. */
export interface BackendAnswer {
  readonly status: number;
  /** How long the backend asks to be left alone; the policy's own default if it does not say. */
  readonly cooldownMs: number;
}

/** A policy that Spillway is compared with; backends are numbers from 0, times are monotonic. */
export interface ReferenceStrategy {
  /** Chooses the backend of the next attempt. */
  pick(nowMs: number): number;
  /** Notes an answer. Returns whether the request is tried again instead of being given that answer. */
  shouldRetry(backend: number, answer: BackendAnswer, nowMs: number): boolean;
}
