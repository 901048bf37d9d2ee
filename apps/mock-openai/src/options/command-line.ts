import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../fields/field.ts';
import { checkInstances, optionFields } from './check-options.ts';
import type { MockOptions } from './options.ts';

/** The meaning of a command line. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'start'; readonly mocks: readonly MockOptions[] }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** The switches that set an option of a mock. */
const switches: Readonly<Record<string, keyof typeof optionFields>> = {
  name: 'name',
  region: 'region',
  host: 'host',
  port: 'port',
  'control-port': 'controlPort',
  'api-key': 'apiKey',
  deployments: 'deployments',
  'time-scale': 'timeScale',
  'content-filter': 'contentFilter',
  seed: 'seed',
  'completion-tokens': 'completionTokens',
  'prompt-cache': 'promptCache',
  'max-body-bytes': 'maxBodyBytes',
  'record-limit': 'recordLimit',
  'record-bodies': 'recordBodies',
};

const count = wholeNumber(1, 1000);
const usualPort = 8081;

/** Reads a command line and the files that it names. */
export function readCommandLine(args: readonly string[]): Command {
  const options = Object.fromEntries(
    [...Object.keys(switches), 'script', 'script-file', 'quota', 'latency', 'instances', 'config'].map(
      (name) => [name, { type: 'string' } as const],
    ),
  );
  let values: Values;
  try {
    values = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (error) {
    return { kind: 'wrong', problems: [`${messageOf(error)} (see --help)`] };
  }
  if (values['help'] === true) return { kind: 'help' };
  const { config } = values;
  return typeof config === 'string' ? readConfig(config, values) : readSwitches(values);
}

function readConfig(path: string, values: Values): Command {
  const others = Object.keys(values).filter((name) => name !== 'config');
  const problems = others.map((name) => `--${name}: cannot stand beside --config`);
  try {
    const list: unknown = JSON.parse(readFileSync(path, 'utf8'));
    problems.push(...checkInstances(list, path));
    if (problems.length === 0) return { kind: 'start', mocks: list as MockOptions[] };
  } catch (error) {
    problems.push(`--config: ${path}: ${messageOf(error)}`);
  }
  return { kind: 'wrong', problems };
}

function readSwitches(values: Values): Command {
  const problems: string[] = [];
  const mock: Record<string, unknown> = { port: usualPort };
  for (const [name, option] of Object.entries(switches)) {
    const value = values[name];
    if (typeof value !== 'string') continue;
    const field = optionFields[option];
    mock[option] = field.read(value);
    if (!field.isValid(mock[option])) problems.push(`--${name}: "${value}" is not ${field.allowed}`);
  }
  const script = readScriptSwitch(values, problems);
  if (script !== undefined) {
    const place =
      values['script'] === undefined ? `--script-file: ${String(values['script-file'])}` : '--script';
    problems.push(...checkInstances([{ script }], '').map((problem) => problem.replace('[0].script', place)));
    mock['script'] = script;
  }
  for (const name of ['quota', 'latency']) {
    if (values[name] === undefined) continue;
    const wrong = checkInstances([{ [name]: values[name] }], '');
    problems.push(...wrong.map((problem) => problem.replace(`[0].${name}`, `--${name}`)));
    mock[name] = values[name];
  }
  const raw = values['instances'] ?? '1';
  const instances = count.read(String(raw));
  if (!count.isValid(instances)) problems.push(`--instances: "${String(raw)}" is not ${count.allowed}`);
  if (problems.length > 0) return { kind: 'wrong', problems };

  const mocks = Array.from({ length: Number(instances) }, (_, index) =>
    numbered(mock, index, Number(instances)),
  );
  const clashes = checkInstances(mocks, 'instances');
  return clashes.length === 0 ? { kind: 'start', mocks } : { kind: 'wrong', problems: clashes };
}

function readScriptSwitch(values: Values, problems: string[]): string | undefined {
  const { script, 'script-file': file } = values;
  if (typeof script === 'string' && file !== undefined)
    problems.push('--script: cannot stand beside --script-file');
  if (typeof script === 'string') return script;
  if (typeof file !== 'string') return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    problems.push(`--script-file: ${messageOf(error)}`);
    return undefined;
  }
}

/** The mock at an index of a series: ports are consecutive, names are numbered. */
function numbered(mock: MockOptions, index: number, instances: number): MockOptions {
  if (instances === 1) return mock;
  const at = (port: number | undefined) => (port === undefined || port === 0 ? port : port + index);
  const series = { ...mock, name: `${mock.name ?? 'mock'}-${index + 1}`, port: at(mock.port) };
  return mock.controlPort === undefined ? series : { ...series, controlPort: at(mock.controlPort) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
