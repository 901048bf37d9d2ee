import type { Tally } from './tally.ts';

/** The size of a simulation, and its seed. */
export interface SimulationSettings {
  /** The name of the kind that the backends are of. */
  readonly kind: string;
  readonly backends: number;
  readonly replicas: number;
  readonly durationMs: number;
  /** The tokens that clients ask for, as a multiple of those that the quotas allow. */
  readonly load: number;
  /** Any 32-bit number. */
  readonly seed: number;
}

/** The result of a simulation, once every request has ended. */
export interface SimulationResult {
  readonly tally: Tally;
  /** The tokens that backends served until the clients stopped, and those that the quotas allowed until then. */
  readonly servedTokens: number;
  readonly allowedTokens: number;
  /** The slots at backends that are still taken; 0 unless one was lost. */
  readonly inFlight: number;
}
