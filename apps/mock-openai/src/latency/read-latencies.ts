import { checkField, numberFrom, oneOf, orNone, readTimeMs, time } from '../fields/field.ts';
import { placeOf, splitText } from '../fields/split-text.ts';
import { latencyPresetNames } from './presets.ts';
import type { Field } from '../fields/field.ts';
import type { TextPart } from '../fields/split-text.ts';
import type { Latencies, Latency } from './latency.ts';

/** Latencies, or all their problems. */
export type LatenciesResult =
  | { readonly kind: 'latencies'; readonly latencies: Latencies }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

const presets = [...latencyPresetNames, 'by-name'];

/** The fields of a latency, with their words in text. */
const fields: { readonly [K in keyof Latency]-?: { readonly word: string; readonly field: Field } } = {
  preset: { word: 'preset', field: oneOf(presets) },
  ttftMs: { word: 'ttft', field: time },
  ttftSigma: { word: 'ttft-sigma', field: numberFrom(0, 3) },
  msPerPromptToken: { word: 'ms-per-prompt-token', field: numberFrom(0) },
  tokensPerSecond: { word: 'tokens-per-second', field: orNone(numberFrom(0.001)) },
  tokenSigma: { word: 'token-sigma', field: numberFrom(0, 3) },
};
const words = Object.values(fields).map(({ word }) => word);

/** Reads latencies: an object of them by deployment, JSON of it, or text such as `gpt-5, gpt-4o=custom(ttft=1s)`. */
export function readLatencies(input: unknown): LatenciesResult {
  if (typeof input !== 'string') return checkLatencies(input);
  return /^\s*[[{]/.test(input) ? readJson(input) : readText(input);
}

/** Reads latencies, or throws an Error that names every problem with its place. */
export function parseLatencies(input: Latencies | string): Latencies {
  const result = readLatencies(input);
  if (result.kind === 'latencies') return result.latencies;
  throw new Error(`The latency is wrong:\n${result.problems.map((problem) => `  ${problem}`).join('\n')}`);
}

function checkLatencies(value: unknown): LatenciesResult {
  if (!isObject(value)) {
    return {
      kind: 'wrong',
      problems: [`${JSON.stringify(value)} is not an object of latencies by deployment`],
    };
  }
  const problems = Object.entries(value).flatMap(([deployment, latency]) => {
    const place = `[${JSON.stringify(deployment)}]`;
    if (!isObject(latency)) return [`${place}: ${JSON.stringify(latency)} is not a latency`];
    return Object.entries(latency).flatMap(([name, one]) => {
      if (isField(name)) return checkField(fields[name].field, one, `${place}.${name}`);
      return [`${place}.${name}: a latency has no such field (it has ${Object.keys(fields).join(', ')})`];
    });
  });
  return problems.length === 0
    ? { kind: 'latencies', latencies: value as Latencies }
    : { kind: 'wrong', problems };
}

function readJson(input: string): LatenciesResult {
  try {
    return checkLatencies(JSON.parse(input));
  } catch (error) {
    const problem = `not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: 'wrong', problems: [problem] };
  }
}

function readText(input: string): LatenciesResult {
  const problems: string[] = [];
  const latencies = new Map<string, Latency>();
  for (const part of splitText(input, ',\n')) {
    const report = (offset: number, problem: string) =>
      problems.push(`${placeOf(input, offset)}: ${problem}`);
    if (part.problem !== undefined) report(part.offset, part.problem);
    else if (part.text !== '') readOne(part, latencies, report);
    else if (part.separator === ',') report(part.offset, 'a latency is missing before the comma');
  }
  if (problems.length > 0) return { kind: 'wrong', problems };
  return { kind: 'latencies', latencies: Object.fromEntries(latencies) };
}

type Report = (offset: number, problem: string) => void;

function readOne(part: TextPart, latencies: Map<string, Latency>, report: Report): void {
  const match = /^(?:([^\s=()]+)\s*=\s*)?([\w.-]+)\s*(?:\((.*)\))?$/s.exec(part.text);
  const [, deployment = '*', name = '', list] = match ?? [];
  const ttftMs = list === undefined ? readTimeMs(name) : undefined;
  const isKnown = name === 'custom' || presets.includes(name) || ttftMs !== undefined;
  if (!isKnown) {
    const found = match === null ? part.text : name;
    report(part.offset, `"${found}" is not a time, custom, or one of ${presets.join(', ')}`);
    return;
  }
  if (latencies.has(deployment)) report(part.offset, `"${deployment}" is said twice`);
  const latency: Record<string, unknown> =
    ttftMs !== undefined ? { ttftMs } : name === 'custom' ? {} : { preset: name };
  const listOffset = part.offset + part.text.indexOf('(') + 1;
  for (const item of list === undefined || list.trim() === '' ? [] : splitText(list, ',')) {
    readArgument({ ...item, offset: listOffset + item.offset }, latency, report);
  }
  latencies.set(deployment, latency);
}

function readArgument(item: TextPart, latency: Record<string, unknown>, report: Report): void {
  const [, word = '', value = ''] = /^([\w-]+)\s*=\s*(.*)$/s.exec(item.text) ?? [];
  const name = Object.keys(fields).find(
    (one) => isField(one) && one !== 'preset' && fields[one].word === word,
  );
  if (name === undefined || !isField(name)) {
    const found = word === '' ? item.text : word;
    report(item.offset, `"${found}" is not an argument of a latency (it has ${words.slice(1).join(', ')})`);
    return;
  }
  if (name in latency) report(item.offset, `"${word}" is said twice`);
  const { field } = fields[name];
  latency[name] = field.read(value);
  if (!field.isValid(latency[name])) report(item.offset, `"${value}" is not ${field.allowed}`);
}

function isField(name: string): name is keyof typeof fields {
  return Object.hasOwn(fields, name);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
