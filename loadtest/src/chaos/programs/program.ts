import type { Answers } from '../evidence/answers.ts';
import type { Arrivals } from '../evidence/arrivals.ts';
import type { Findings } from '../evidence/findings.ts';
import type { Behaviour } from '../peers/raw-backend.ts';

/** What the cases of a running program work with. */
export interface Stage {
  readonly seed: number;
  /** The gateway's. */
  readonly port: number;
  readonly findings: Findings;
  readonly arrivals: Arrivals;
  readonly answers: Answers;
}

/** What is said of a program before it runs. */
export interface ProgramHead {
  readonly name: string;
  /** What it does, in one line. */
  readonly shows: string;
  /** How many cases there are, and what each of them is. */
  readonly count: number;
  readonly unit: string;
  /** Says what a case sends, so that it can be told how an invariant was broken. */
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
  /** After so long no further case begins. */
  readonly limitMs: number;
  readonly backends: readonly { readonly name: string; readonly priority: number }[];
  /** The gateway's configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Makes what the backends do while the cases run; afterwards they answer well. */
  readonly behaviourOf: (stage: Omit<Stage, 'port'>) => Behaviour;
  readonly runCase: (stage: Stage, index: number) => Promise<void>;
  readonly describeCase: (seed: number, index: number) => string;
  /** Frees what the cases have shared. */
  readonly end?: () => Promise<void>;
}

/** How a program is run. */
export interface RunOptions {
  readonly seed: number;
  /** The share of its cases that run. */
  readonly share: number;
  /** The only case to run. */
  readonly onlyCase?: number | undefined;
  /** The Node binary and the built file of the gateway, if other than usual. */
  readonly node?: string | undefined;
  readonly gateway?: string | undefined;
}

/** What came of a program. */
export interface Result {
  readonly program: ProgramHead;
  readonly cases: number;
  readonly answers: number;
  readonly arrivals: number;
  readonly logLines: number;
  readonly grownBytes: number;
  readonly seconds: number;
  readonly findings: Findings;
  /** What else there is to say. */
  readonly notes?: string;
}
