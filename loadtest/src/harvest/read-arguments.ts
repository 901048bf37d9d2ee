import { parseArgs } from 'node:util';
import { contestants, type Contestant } from './contestants.ts';
import { backendKinds, usualSetup, type BackendKind, type HarvestSetup } from './harvest-setup.ts';
import { fromCaller } from '../report/write-report.ts';
import { readReportOptions, reportOptions, type ReportWish } from '../report/report-options.ts';

/** One contestant at one load. */
interface PlannedRun {
  readonly contestant: Contestant;
  readonly load: number;
}

/** The meaning of the arguments. */
export interface HarvestArguments {
  readonly runs: readonly PlannedRun[];
  readonly setup: HarvestSetup;
  /** The file that the plot is written to. */
  readonly svgFile: string | undefined;
  readonly report: ReportWish;
}

/** The loads offered by default. */
export const usualLoads: readonly number[] = [0.5, 0.9, 1, 1.5, 2];

const loadBounds = { least: 0.1, most: 5 };

/** Reads the arguments after `harvest`; throws an Error that names every problem. */
export function readArguments(args: readonly string[]): HarvestArguments {
  const { values, positionals } = parse(args);
  const problems: string[] = [];
  const numberFrom = (name: keyof typeof values, usual: number, least: number, most: number) => {
    const text = values[name];
    const number = text === undefined ? usual : Number(text);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    problems.push(`--${name} is "${text}"; allowed: a whole number from ${least} to ${most}`);
    return usual;
  };
  const backends = values.backends ?? usualSetup.backends;
  if (!isBackendKind(backends))
    problems.push(`--backends is "${backends}"; allowed: ${Object.keys(backendKinds).join(', ')}`);
  const setup: HarvestSetup = {
    backends: isBackendKind(backends) ? backends : usualSetup.backends,
    timeScale: numberFrom('time-scale', usualSetup.timeScale, 1, 60),
    seed: numberFrom('seed', usualSetup.seed, 0, 2 ** 32 - 1),
    ...(values.log !== undefined && { logFile: fromCaller(values.log) }),
    measuredMinutes: numberFrom('minutes', usualSetup.measuredMinutes, 1, 60),
  };
  if (60_000 % setup.timeScale !== 0 || 10_000 % setup.timeScale !== 0)
    problems.push(
      `--time-scale is ${setup.timeScale}; allowed: one that divides 10 s into whole milliseconds`,
    );
  const loads = positionals.filter(isLoad).map(Number);
  const named = contestants.filter(({ name }) => positionals.includes(name));
  const unknown = positionals.filter((word) => !isLoad(word) && named.every(({ name }) => name !== word));
  const allowed = `loads from ${loadBounds.least} to ${loadBounds.most}, ${contestants.map(({ name }) => name).join(', ')}`;
  problems.push(...unknown.map((word) => `"${word}"; allowed: ${allowed}`));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return {
    runs: planRuns(loads, named),
    setup,
    svgFile: values.svg === undefined ? undefined : fromCaller(values.svg),
    report: readReportOptions(values, 'harvest'),
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      backends: { type: 'string' },
      'time-scale': { type: 'string' },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      svg: { type: 'string' },
      log: { type: 'string' },
      ...reportOptions,
    },
  });
}

function isBackendKind(word: string): word is BackendKind {
  return Object.hasOwn(backendKinds, word);
}

function isLoad(word: string): boolean {
  const load = Number(word);
  return load >= loadBounds.least && load <= loadBounds.most;
}

/** Load after load, and at each of them all contestants: runs to be compared are measured side by side. */
function planRuns(loads: readonly number[], named: readonly Contestant[]): PlannedRun[] {
  const chosenLoads = loads.length === 0 ? usualLoads : [...new Set(loads)];
  const chosen = named.length === 0 ? contestants : named;
  return chosenLoads.flatMap((load) =>
    chosen
      .filter(({ name, usualLoads: own }) => {
        const isAsked = loads.length > 0 && named.some((contestant) => contestant.name === name);
        return isAsked || own === undefined || own.includes(load);
      })
      .map((contestant) => ({ contestant, load })),
  );
}
