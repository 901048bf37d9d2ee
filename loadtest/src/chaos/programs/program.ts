import type { Answers } from '../evidence/answers.ts';
import type { Arrivals } from '../evidence/arrivals.ts';
import type { Findings } from '../evidence/findings.ts';
import type { Behaviour } from '../peers/raw-backend.ts';

/** The environment for the cases of a running program. */
export interface Stage {
  readonly seed: number;
  /** The gateway's port and process. */
  readonly port: number;
  readonly findings: Findings;
  readonly arrivals: Arrivals;
  readonly answers: Answers;
}

/** A program's description, before it runs. */
export interface ProgramHead {
  readonly name: string;
  /** What it does, in one line. */
  readonly shows: string;
  /** The number of cases, and what one case is. */
  readonly count: number;
  readonly unit: string;
  /** Describes a case's traffic, to explain how an invariant was broken. */
  readonly describeCase?: (seed: number, index: number) => string;
}

/** A program that starts a gateway and backends of its own kind. */
export interface OwnProgram extends ProgramHead {
  readonly run: (options: RunOptions, onProgress: (done: number, total: number) => void) => Promise<Result>;
}

/** A kind of attack on the gateway: many cases, each drawn from the seed and its number. */
export interface Program extends ProgramHead {
  /** How many run at the same time. */
  readonly together: number;
  /** No further case begins after this time. */
  readonly limitMs: number;
  readonly backends: readonly { readonly name: string; readonly priority: number }[];
  /** The gateway's configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Makes the backends' behaviour while the cases run; afterwards they answer well. */
  readonly behaviourOf: (stage: Omit<Stage, 'port'>) => Behaviour;
  readonly runCase: (stage: Stage, index: number) => Promise<void>;
  readonly describeCase: (seed: number, index: number) => string;
  /** Frees resources that the cases have shared. */
  readonly end?: () => Promise<void>;
}

/** How a program is run. */
export interface RunOptions {
  readonly seed: number;
  /** The share of its cases that run. */
  readonly share: number;
  /** The only case to run. */
  readonly onlyCase?: number | undefined;
  /** The Node binary and the built file of the gateway, if not the usual ones. */
  readonly node?: string | undefined;
  readonly gateway?: string | undefined;
}

/** The result of a program. */
export interface Result {
  readonly program: ProgramHead;
  readonly cases: number;
  readonly answers: number;
  readonly arrivals: number;
  readonly logLines: number;
  readonly grownBytes: number;
  readonly seconds: number;
  readonly findings: Findings;
  /** Further remarks. */
  readonly notes?: string;
}
