import { writeFileSync } from 'node:fs';
import { poolBackendOf } from '../config/pool-settings.ts';
import { type LogContents, readLogs } from './log/read-log.ts';
import { readConfiguration } from './read-configuration.ts';
import { Misuse, type Options, readOptions } from './read-options.ts';
import { replayLog, type Tried } from './replay-log.ts';
import type { Outcome } from './result/answers.ts';
import { countOf } from './result/describe-assumptions.ts';
import { jsonOf } from './result/json-of.ts';
import { renderOutcome } from './result/render-answers.ts';

/** The surroundings of a command. */
export interface Surroundings {
  /** The base of relative paths. */
  readonly folder: string;
  /** Shows the progress as a text and a share from 0 to 1; without a text, shows nothing any more. */
  readonly showProgress: (text?: string, share?: number) => void;
  /** Writes a report with plots into a folder and returns the path of its page, where that is possible. */
  readonly writeReport?: (folder: string, outcome: Outcome) => Promise<string>;
}

/**
 * Reports what would have happened. Returns the exit code: 1 if that cannot be determined, and 2 if the command line is
 * wrong.
 */
export async function runWhatIf(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    await answer(readOptions(args, surroundings.folder), surroundings);
    return 0;
  } catch (error) {
    surroundings.showProgress();
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof Misuse ? 2 : 1;
  }
}

async function answer(
  { logs, configs, given, jsonFile, reportFolder }: Options,
  { showProgress, writeReport }: Surroundings,
): Promise<void> {
  if (reportFolder !== undefined && writeReport === undefined)
    throw new Misuse(
      '--report: plots are made by `pnpm spillway-simulate` in a clone of the repository; here there is --json',
    );
  const tried = configs.map(({ name, file }) => ({ name, config: readConfiguration(file) }));
  checkNames([...given.keys()], tried);
  showProgress('reading the log ...');
  const contents = await readLogs(logs);
  showProgress();
  warnOfDamage(contents);
  warnOfWrongLines(contents);
  const outcome = await replayLog(contents, tried, given, showProgress);
  showProgress();
  process.stdout.write(`${renderOutcome(outcome)}\n`);
  if (jsonFile !== undefined) writeJson(jsonFile, outcome);
  if (reportFolder === undefined || writeReport === undefined) return;
  process.stdout.write(`\nreport: ${await writeReport(reportFolder, outcome)}\n`);
}

function checkNames(given: readonly string[], tried: readonly Tried[]): void {
  const names = new Set(tried.flatMap(({ config }) => config.backends.map((one) => poolBackendOf(one).name)));
  const strangers = given.filter((name) => !names.has(name));
  if (strangers.length > 0)
    throw new Misuse(
      `--quota: there is no backend ${strangers.join(', ')}; there are ${[...names].join(', ')}`,
    );
}

function writeJson(file: string, outcome: Outcome): void {
  try {
    writeFileSync(file, `${JSON.stringify(jsonOf(outcome), undefined, 2)}\n`);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
    throw new Error(`--json: "${file}" cannot be written (${reason})`, { cause: error });
  }
}

const MAX_WRONG = 20;

function warnOfDamage({ damaged }: LogContents): void {
  for (const { file, lines, reason } of damaged)
    process.stderr.write(
      `${file}: cannot be unpacked to its end (${reason}); ${countOf(lines, 'line')} of it could be read\n`,
    );
}

function warnOfWrongLines({ wrong }: LogContents): void {
  for (const { file, number, problem } of wrong.slice(0, MAX_WRONG))
    process.stderr.write(`${file}:${number}: ${problem}; left out\n`);
  if (wrong.length > MAX_WRONG)
    process.stderr.write(`and ${countOf(wrong.length - MAX_WRONG, 'other wrong line')}\n`);
}
