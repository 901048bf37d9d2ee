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
    if (!hasEndpoint(env, signal, complaints)) continue;
    if (!isSentByOtlp(env, signal, complaints)) continue;
    protocols[signal] = protocolOf(env, signal, complaints);
  }
  if (Object.keys(protocols).length === 0 && complaints.length === 0) return undefined;
  return { protocols, complaints };
}

function hasEndpoint(env: Environment, signal: Signal, complaints: string[]): boolean {
  const variables = ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`];
  const set = variables.findLast((variable) => valueOf(env, variable) !== undefined);
  if (set === undefined) return false;
  if (URL.canParse(valueOf(env, set) ?? '')) return true;
  // Its value may hold a password.
  complaints.push(`${set} is not a URL such as http://localhost:4318, so no ${signal} are sent`);
  return false;
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
  const variables = [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL'];
  const variable = variables.find((name) => valueOf(env, name) !== undefined);
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
