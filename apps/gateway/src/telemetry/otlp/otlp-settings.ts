import { accessSync, constants } from 'node:fs';
import type { Environment } from '../../config/environment.ts';

export type Protocol = 'grpc' | 'http/protobuf' | 'http/json';
type Signal = 'traces' | 'metrics';

/** How each signal is sent; one that is not is left out. */
export interface OtlpSettings {
  readonly protocols: Readonly<Partial<Record<Signal, Protocol>>>;
  /** What has been ignored, for the log. */
  readonly complaints: readonly string[];
}

const PROTOCOLS: readonly string[] = ['grpc', 'http/protobuf', 'http/json'] satisfies Protocol[];

/**
 * Reads whether anything is sent by OTLP. Unlike in OpenTelemetry’s own SDK nothing is unless there is an endpoint; all else, such
 * as headers, compression and certificates, is for the exporters to read.
 *
 * @returns undefined if nothing is sent
 */
export function readOtlpSettings(env: Environment): OtlpSettings | undefined {
  if (valueOf(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  const complaints: string[] = [];
  const protocols: Partial<Record<Signal, Protocol>> = {};
  for (const signal of ['traces', 'metrics'] as const) {
    if (variableOf(env, signal, 'ENDPOINT') === undefined) continue;
    if (!isSentByOtlp(env, signal, complaints)) continue;
    const protocol = protocolOf(env, signal, complaints);
    if (!isReachable(env, signal, protocol, complaints)) continue;
    protocols[signal] = protocol;
    complainOfFiles(env, signal, complaints);
  }
  if (Object.keys(protocols).length === 0 && complaints.length === 0) return undefined;
  return { protocols, complaints: [...new Set(complaints)] };
}

/** Returns which variable says it for a signal, for which there is one of its own; undefined if none does. */
function variableOf(env: Environment, signal: Signal, suffix: string): string | undefined {
  const variables = [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`];
  return variables.find((variable) => valueOf(env, variable) !== undefined);
}

/** A host and a port look like a URL with a scheme of its own, which gRPC alone takes. */
function isReachable(env: Environment, signal: Signal, protocol: Protocol, complaints: string[]): boolean {
  const variable = variableOf(env, signal, 'ENDPOINT') ?? '';
  const endpoint = valueOf(env, variable) ?? '';
  if (URL.canParse(endpoint) && (protocol === 'grpc' || /^https?:/i.test(endpoint))) return true;
  // Its value may hold a password.
  complaints.push(`${variable} is not a URL such as http://localhost:4318, so no ${signal} are sent`);
  return false;
}

/** The exporters go on without a file that they cannot read, and say so to nobody. */
function complainOfFiles(env: Environment, signal: Signal, complaints: string[]): void {
  for (const suffix of ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY']) {
    const variable = variableOf(env, signal, suffix);
    if (variable === undefined || canRead(valueOf(env, variable) ?? '')) continue;
    complaints.push(`${variable} names a file that cannot be read, so ${signal} are sent without it`);
  }
  const key = variableOf(env, signal, 'CLIENT_KEY');
  const certificate = variableOf(env, signal, 'CLIENT_CERTIFICATE');
  if ((key === undefined) === (certificate === undefined)) return;
  const missing = key === undefined ? 'CLIENT_KEY' : 'CLIENT_CERTIFICATE';
  complaints.push(`${key ?? certificate} is of no use without OTEL_EXPORTER_OTLP_${missing}`);
}

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function isSentByOtlp(env: Environment, signal: Signal, complaints: string[]): boolean {
  const variable = `OTEL_${signal.toUpperCase()}_EXPORTER`;
  const exporters = valueOf(env, variable)
    ?.split(',')
    .map((name) => name.trim()) ?? ['otlp'];
  if (exporters.includes('none')) return false;
  const others = exporters.filter((name) => name !== 'otlp');
  if (others.length > 0)
    complaints.push(`${variable} may be "otlp" or "none" here; "${others.join(',')}" is ignored`);
  return exporters.includes('otlp');
}

function protocolOf(env: Environment, signal: Signal, complaints: string[]): Protocol {
  const variable = variableOf(env, signal, 'PROTOCOL');
  const protocol = variable === undefined ? 'http/protobuf' : (valueOf(env, variable) ?? '');
  if (PROTOCOLS.includes(protocol)) return protocol as Protocol;
  complaints.push(
    `${variable} may be ${PROTOCOLS.join(', ')}; "${protocol}" is ignored, and http/protobuf used`,
  );
  return 'http/protobuf';
}

/** Empty variables count as unset, as OpenTelemetry has it. */
function valueOf(env: Environment, variable: string): string | undefined {
  return env[variable]?.trim() || undefined;
}
