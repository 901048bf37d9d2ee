#!/usr/bin/env node
/** What would have happened? `spillway-simulate` replays a gateway's log before other backends and quotas. */
import { runWhatIf } from './run-what-if.ts';

process.exitCode = await runWhatIf(process.argv.slice(2));
