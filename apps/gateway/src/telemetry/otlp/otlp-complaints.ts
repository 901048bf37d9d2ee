import { readFileSync } from 'node:fs';
import type { Environment } from '../../config/environment.ts';
import {
  type Complain,
  MAX_SHOWN,
  type Signal,
  valueOf,
  variableOf,
  variablesOf,
  wordOf,
} from './otel-variables.ts';

/** Complains of settings that the exporters of a signal silently ignore. */
export function complainOfIgnored(env: Environment, signal: Signal, complain: Complain): void {
  complainOfFiles(env, signal, complain);
  for (const variable of variablesOf(signal, 'COMPRESSION'))
    // Unlike with others, its letter case counts.
    complainOfWord(variable, valueOf(env, variable), ['gzip', 'none'], complain);
  for (const variable of ['OTEL_SDK_DISABLED', ...variablesOf(signal, 'INSECURE')])
    complainOfWord(variable, wordOf(env, variable), ['true', 'false'], complain);
  for (const variable of variablesOf(signal, 'HEADERS'))
    // The values are secrets.
    if (!isEach(env, variable, isHeader))
      complain(`${variable} may be a list such as name=value,name=value; anything else is ignored`);
  if (!isEach(env, 'OTEL_RESOURCE_ATTRIBUTES', isAttribute))
    complain(
      `OTEL_RESOURCE_ATTRIBUTES may be a list such as name=value,name=value, each of at most ${MAX_ATTRIBUTE} characters; all of it is ignored`,
    );
  const choices = signal === 'traces' ? CHOICES_OF_TRACES : CHOICES_OF_METRICS;
  for (const [variable, known] of choices) complainOfOthers(env, variable, known, complain);
}

type Choice = readonly [variable: string, known: readonly string[]];

const CHOICES_OF_TRACES: readonly Choice[] = [['OTEL_PROPAGATORS', ['tracecontext', 'baggage']]];
const CHOICES_OF_METRICS: readonly Choice[] = [
  ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', ['cumulative']],
  ['OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', ['explicit_bucket_histogram']],
];

/** OpenTelemetry's own limit on a name or a value. */
const MAX_ATTRIBUTE = 255;

/** Complains of a word that a variable cannot have. */
function complainOfWord(
  variable: string,
  word: string | undefined,
  known: readonly string[],
  complain: Complain,
): void {
  if (word === undefined || known.includes(word)) return;
  complain(`${variable} may be ${known.join(' or ')}; "${word.slice(0, MAX_SHOWN)}" is ignored`);
}

/** Complains of choices that OpenTelemetry has, but not this gateway. */
function complainOfOthers(
  env: Environment,
  variable: string,
  known: readonly string[],
  complain: Complain,
): void {
  const names = (valueOf(env, variable) ?? '').split(',').map((name) => name.trim());
  const others = names.filter((name) => name !== '' && !known.includes(name.toLowerCase()));
  if (others.length === 0) return;
  complain(
    `${variable} may be ${known.join(',')} here; "${others.join(',').slice(0, MAX_SHOWN)}" is ignored`,
  );
}

function complainOfFiles(env: Environment, signal: Signal, complain: Complain): void {
  for (const suffix of ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY']) {
    const variable = variableOf(env, signal, suffix);
    if (variable === undefined || isPem(valueOf(env, variable) ?? '')) continue;
    complain(
      `${variable} names no PEM file that can be read, so ${signal} are sent without it, or not at all`,
    );
  }
  const key = variableOf(env, signal, 'CLIENT_KEY');
  const certificate = variableOf(env, signal, 'CLIENT_CERTIFICATE');
  if ((key === undefined) === (certificate === undefined)) return;
  const missing = key === undefined ? 'CLIENT_KEY' : 'CLIENT_CERTIFICATE';
  complain(`${key ?? certificate} has no effect without OTEL_EXPORTER_OTLP_${missing}`);
}

/** A folder can be opened as well, and a certificate may have another form. */
function isPem(path: string): boolean {
  try {
    return readFileSync(path, 'latin1').includes('-----BEGIN ');
  } catch {
    return false;
  }
}

function isEach(env: Environment, variable: string, isRight: (pair: string) => boolean): boolean {
  const pairs = (valueOf(env, variable) ?? '').split(',').filter((pair) => pair.trim() !== '');
  return pairs.every(isRight);
}

/** A value ends at a semicolon; one of its own must be written as `%3B`. */
function isHeader(pair: string): boolean {
  return /^\s*[^=;\s][^=;]*=\s*[^;\s][^;]*$/.test(pair) && decode(pair) !== undefined;
}

/** A single wrong one makes OpenTelemetry ignore them all. */
function isAttribute(pair: string): boolean {
  if (!/^\s*[^=\s][^=]*=[^=]*$/.test(pair)) return false;
  return pair.split('=').every((text) => (decode(text.trim())?.length ?? Infinity) <= MAX_ATTRIBUTE);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
