import { accessSync, constants } from 'node:fs';
import type { Environment } from '../../config/environment.ts';
import { type Complain, MAX_SHOWN, type Signal, valueOf, variableOf, variablesOf } from './otel-variables.ts';

/** Complains of settings that the exporters of a signal silently ignore. */
export function complainOfIgnored(env: Environment, signal: Signal, complain: Complain): void {
  complainOfFiles(env, signal, complain);
  for (const variable of variablesOf(signal, 'COMPRESSION')) complainOfCompression(env, variable, complain);
  for (const variable of variablesOf(signal, 'HEADERS'))
    // The values are secrets.
    if (!isEach(env, variable, isHeader))
      complain(`${variable} may be a list such as name=value,name=value; anything else is ignored`);
  if (!isEach(env, 'OTEL_RESOURCE_ATTRIBUTES', isAttribute))
    complain('OTEL_RESOURCE_ATTRIBUTES may be a list such as name=value,name=value; all of it is ignored');
  if (signal === 'traces') complainOfOthers(env, 'OTEL_PROPAGATORS', ['tracecontext', 'baggage'], complain);
  else complainOfOthers(env, TEMPORALITY, ['cumulative'], complain);
}

const TEMPORALITY = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE';

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
    if (variable === undefined || canRead(valueOf(env, variable) ?? '')) continue;
    complain(`${variable} names a file that cannot be read, so ${signal} are sent without it`);
  }
  const key = variableOf(env, signal, 'CLIENT_KEY');
  const certificate = variableOf(env, signal, 'CLIENT_CERTIFICATE');
  if ((key === undefined) === (certificate === undefined)) return;
  const missing = key === undefined ? 'CLIENT_KEY' : 'CLIENT_CERTIFICATE';
  complain(`${key ?? certificate} has no effect without OTEL_EXPORTER_OTLP_${missing}`);
}

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function complainOfCompression(env: Environment, variable: string, complain: Complain): void {
  const compression = valueOf(env, variable);
  if (compression === undefined || compression === 'gzip' || compression === 'none') return;
  complain(`${variable} may be gzip or none; "${compression.slice(0, MAX_SHOWN)}" is ignored`);
}

function isEach(env: Environment, variable: string, isRight: (pair: string) => boolean): boolean {
  const pairs = (valueOf(env, variable) ?? '').split(',').filter((pair) => pair.trim() !== '');
  return pairs.every(isRight);
}

function isHeader(pair: string): boolean {
  return /^\s*[^=;\s][^=;]*=\s*[^;\s]/.test(pair) && canDecode(pair);
}

/** A single wrong one makes OpenTelemetry ignore them all. */
function isAttribute(pair: string): boolean {
  return /^\s*[^=\s][^=]*=[^=]*$/.test(pair) && canDecode(pair);
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
