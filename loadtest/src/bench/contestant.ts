import type { RunningProcess } from '../process/start-process.ts';

/** A proxy that takes part in a comparison. */
export interface Contestant {
  readonly name: string;
  readonly start: () => Promise<RunningProcess>;
}

/** The contestant that the others are compared with. */
export const baselineName = 'bare';
