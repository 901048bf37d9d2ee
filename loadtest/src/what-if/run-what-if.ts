import { clearProgress, showProgress } from '../report/progress.ts';
import { writeReport } from '../report/write-report.ts';
import { poolBackendOf } from '@spillway/gateway/config';
import { type LogContents, readLogs } from './log/read-log.ts';
import { findQuotas } from './quotas/find-quotas.ts';
import { findUnproven } from './quotas/find-unproven.ts';
import { readConfiguration } from './read-configuration.ts';
import { type Options, readOptions } from './read-options.ts';
import { findOutputShare, makeCalls } from './calls/make-calls.ts';
import { replay } from './replay/replay.ts';
import type { Answer } from './result/answers.ts';
import { countOf, describeAssumptions } from './result/describe-assumptions.ts';
import { renderAnswers } from './result/render-answers.ts';
import { reportAnswers } from './result/report-answers.ts';

const help = `Usage: pnpm spillway-simulate --log access.jsonl --config spillway.yaml [--config other.yaml ...]

Asks again what the log of a gateway says was asked, in virtual time, before the backends and quotas of a configuration, and
says what would have happened. Several configurations stand side by side. Nothing is sent anywhere.

  --log file      a log of the gateway, a line for each request; several are taken together, and may end in .gz
  --config file   a configuration, read as the gateway reads it; the secrets that it names need not be set
  --quota b=n     the real quota of backend b: n tokens a minute, or n,r with r requests a minute, or none
  --report folder writes index.html and report.json there
`;

/** Runs `spillway-simulate` and answers its exit code: 2 when it cannot tell what was asked. */
export async function runWhatIf(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  try {
    await answerWhatIf(readOptions(args));
    return 0;
  } catch (error) {
    clearProgress();
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

async function answerWhatIf({ logs, configs, given, reportFolder }: Options): Promise<void> {
  const tried = configs.map(({ name, file }) => ({ name, config: readConfiguration(file) }));
  const names = new Set(tried.flatMap(({ config }) => config.backends.map((one) => poolBackendOf(one).name)));
  const strangers = [...given.keys()].filter((name) => !names.has(name));
  if (strangers.length > 0)
    throw new Error(
      `--quota: there is no backend ${strangers.join(', ')}; there are ${[...names].join(', ')}`,
    );

  showProgress('reading the log ...');
  const contents = await readLogs(logs);
  clearProgress();
  warnOfWrongLines(contents);
  const { requests } = contents;
  const first = requests[0];
  if (first === undefined) throw new Error('--log: there is no request in it that could be asked again');

  const days = ((requests.at(-1)?.arrivedMs ?? 0) - first.arrivedMs) / ONE_DAY_MS;
  if (days > MAX_DAYS)
    throw new Error(`--log: the log is of ${Math.round(days)} days; allowed: at most ${MAX_DAYS}`);

  const outputShare = findOutputShare(requests);
  const calls = makeCalls(requests, outputShare);
  const answers: Answer[] = [];
  for (const [index, { name, config }] of tried.entries()) {
    showProgress(`${name} ...`, index / tried.length);
    const backends = config.backends.map(poolBackendOf);
    const quotas = findQuotas({ backends, requests, given });
    const unproven = findUnproven(backends, requests);
    answers.push({ name, quotas, unproven, findings: await replay(calls, config, quotas) });
  }
  clearProgress();
  const assumptions = describeAssumptions(contents, answers, outputShare);
  const minutes = (calls.at(-1)?.atMs ?? 0) / 60_000;
  const parts = [
    `${countOf(requests.length, 'request')} in ${minutes.toFixed(1)} minutes, from ${new Date(first.arrivedMs).toISOString()}`,
    ['assumed:', ...assumptions.map((line) => `  - ${line}`)].join('\n'),
    renderAnswers(answers, first.arrivedMs),
  ];
  process.stdout.write(`${parts.join('\n\n')}\n`);
  if (reportFolder === undefined) return;
  const page = await writeReport(
    reportFolder,
    reportAnswers(answers, assumptions, first.arrivedMs),
    undefined,
  );
  process.stdout.write(`\nreport: ${page}\n`);
}

const ONE_DAY_MS = 86_400_000;
const MAX_DAYS = 31;
const MAX_WRONG = 20;

function warnOfWrongLines({ wrong }: LogContents): void {
  for (const { file, number, problem } of wrong.slice(0, MAX_WRONG))
    process.stderr.write(`${file}:${number}: ${problem}; left out\n`);
  if (wrong.length > MAX_WRONG)
    process.stderr.write(`and ${countOf(wrong.length - MAX_WRONG, 'other wrong line')}\n`);
}
