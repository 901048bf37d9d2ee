/** Runs the simulation alone, without the built gateway that `pnpm loadtest` brings: `pnpm simulate`. */
import { endIfUnwritable } from '../report/end-if-unwritable.ts';
import { runSimulation } from './run-simulation.ts';

endIfUnwritable();
process.exitCode = await runSimulation(process.argv.slice(2));
