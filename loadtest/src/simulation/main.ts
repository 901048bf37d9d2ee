/** Runs the simulation alone, without the built gateway that `pnpm loadtest` brings: `pnpm simulate`. */
import { runSimulation } from './run-simulation.ts';

process.exitCode = await runSimulation(process.argv.slice(2));
