#!/usr/bin/env node
/**
 * Answers "what would have happened?": `spillway-simulate` replays a gateway's log as `spillway simulate` does, and
 * draws the result.
 */
import { optionsHelp, runWhatIf } from '@spillway/gateway/what-if';
import { endIfUnwritable } from '../report/end-if-unwritable.ts';
import { clearProgress, showProgress } from '../report/progress.ts';
import { fromCaller, writeReport } from '../report/write-report.ts';
import { reportAnswers } from './report-answers.ts';

const help = `Usage: pnpm spillway-simulate --log access.jsonl --config spillway.yaml [--config other.yaml ...]

${optionsHelp}
  --report folder writes index.html and report.json there
`;

endIfUnwritable();
const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) process.stdout.write(help);
else
  process.exitCode = await runWhatIf(args, {
    folder: fromCaller('.'),
    showProgress: (text, share) => (text === undefined ? clearProgress() : showProgress(text, share)),
    writeReport: (folder, outcome) => writeReport(folder, reportAnswers(outcome), undefined),
  });
