import { contestants } from './contestants.ts';
import { backendKinds, minutesOf, usualSetup } from './harvest-setup.ts';
import { reportHelp } from '../report/report-options.ts';
import { usualLoads } from './read-arguments.ts';

const runSeconds = (minutesOf(usualSetup) * 60) / usualSetup.timeScale;

/** The output of `pnpm loadtest harvest --help`. */
export const harvestHelp = `Usage: pnpm loadtest harvest [load ...] [contestant ...] [options]

Sends the same requests to Spillway and to other policies, each in front of three backends with quotas, and shows how much of
the quotas each spends, and what that costs in 429s.

Loads are multiples of what the quotas allow, in tokens: ${usualLoads.join(', ')} unless some are named.

Contestants:
${contestants.map(({ name, shows, usualLoads: own }) => `  ${name.padEnd(14)} ${shows}${own === undefined ? '' : ` (at ${own.join(', ')} unless loads are named with it)`}`).join('\n')}

Options:
  --backends kind
                  ${Object.keys(backendKinds).join(', ')} (${usualSetup.backends}): they report their limits, or nothing but Retry-After,
                  or count requests in windows of one second
  --time-scale n  how many times as fast as real time the quotas pass (${usualSetup.timeScale}); 1 is real time
  --minutes n     how many minutes of the quotas' time are measured, after one that is not (${usualSetup.measuredMinutes})
  --seed n        what the requests and their times are drawn from (${usualSetup.seed})
  --log file      keeps the log of Spillway's last run, for \`spillway simulate\`
  --svg file      writes the plots as an SVG too
${reportHelp}

A run takes about ${runSeconds} s; all of them seven minutes. Exit code 1 when Spillway misses a target.
`;
