import type { ScenarioBackend } from './scenario.ts';

/** An answer as a client received it. */
export interface ClientAnswer {
  /** Since the start of the run. */
  readonly atMs: number;
  readonly status: number;
  /** From its request to its last byte. */
  readonly latencyMs: number;
  /** The backend that the gateway names; `undefined` when it answered itself. */
  readonly backend: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly retryAfterMs: number | undefined;
}

/** The clients' observations of a run. */
export interface ClientView {
  readonly answers: readonly ClientAnswer[];
  /** Connections that failed, requests that timed out or were never answered. */
  readonly errors: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
}

/** A request as a backend received it. */
interface BackendCall {
  /** Since the start of the run. */
  readonly atMs: number;
  readonly status: number | undefined;
}

/** A backend's observations of a run. */
export interface BackendView extends ScenarioBackend {
  readonly calls: readonly BackendCall[];
}

/** A run as both sides observed it. */
export interface ScenarioResult {
  readonly clients: ClientView;
  readonly backends: readonly BackendView[];
}
