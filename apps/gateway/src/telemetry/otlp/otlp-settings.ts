import type { Environment } from '../../config/environment.ts';
import { type Complain, type Signal, valueOf, variableOf, wordOf } from './otel-variables.ts';
import { complainOfIgnored } from './otlp-complaints.ts';
import { type OtlpNumbers, readOtlpNumbers } from './otlp-numbers.ts';

export type Protocol = 'grpc' | 'http/protobuf' | 'http/json';

/** The settings of each signal; one that is not sent is left out. */
export interface OtlpSettings {
  readonly protocols: Readonly<Partial<Record<Signal, Protocol>>>;
  readonly numbers: OtlpNumbers;
  /** The ignored settings, for the log. */
  readonly complaints: readonly string[];
}

const CONFIG_FILE = 'OTEL_CONFIG_FILE';

const PROTOCOLS: readonly string[] = ['grpc', 'http/protobuf', 'http/json'] satisfies Protocol[];

/**
 * Reads whether anything is sent over OTLP. Unlike in OpenTelemetry’s own SDK nothing is, unless there is an endpoint.
 * All other settings, such as headers, compression and certificates, are read by the exporters; except numbers, as
 * these would be accepted unchecked.
 *
 * @returns undefined if nothing is sent
 */
export function readOtlpSettings(env: Environment): OtlpSettings | undefined {
  if (wordOf(env, 'OTEL_SDK_DISABLED') === 'true') return undefined;
  // Signals share most variables.
  const complaints = new Set<string>();
  const complain = (complaint: string) => void complaints.add(complaint);
  if (valueOf(env, CONFIG_FILE) !== undefined) complain(`${CONFIG_FILE} is ignored: only variables are read`);
  const protocols: Partial<Record<Signal, Protocol>> = {};
  for (const signal of ['traces', 'metrics'] as const) {
    if (variableOf(env, signal, 'ENDPOINT') === undefined) {
      complainOfNoEndpoint(env, signal, complain);
      continue;
    }
    if (!isSentByOtlp(env, signal, complain)) continue;
    const protocol = protocolOf(env, signal, complain);
    if (!isReachable(env, signal, protocol, complain)) continue;
    protocols[signal] = protocol;
    complainOfIgnored(env, signal, complain);
  }
  const isSent = Object.keys(protocols).length > 0;
  if (!isSent && complaints.size === 0) return undefined;
  const numbers = readOtlpNumbers(env, isSent ? complain : () => {});
  return { protocols, numbers, complaints: [...complaints] };
}

function isReachable(env: Environment, signal: Signal, protocol: Protocol, complain: Complain): boolean {
  const variable = variableOf(env, signal, 'ENDPOINT') ?? '';
  const endpoint = valueOf(env, variable) ?? '';
  if (protocol === 'grpc' ? isForGrpc(endpoint) : URL.canParse(endpoint) && /^https?:/i.test(endpoint))
    return true;
  const [allowed, port] = protocol === 'grpc' ? ['host:port or a URL', 4317] : (['a URL', 4318] as const);
  // Its value may hold a password.
  complain(`${variable} is not ${allowed} such as http://localhost:${port}, so no ${signal} are sent`);
  return false;
}

/** It may be only a host and a port. That is no URL, or one with the host as its scheme. */
function isForGrpc(endpoint: string): boolean {
  if (/^\w+:\/\//.test(endpoint)) return URL.canParse(endpoint);
  return /:\d+$/.test(endpoint) && URL.canParse(`https://${endpoint}`);
}

function isSentByOtlp(env: Environment, signal: Signal, complain: Complain): boolean {
  const variable = exporterOf(signal);
  const exporters = namesIn(env, variable) ?? ['otlp'];
  if (exporters.includes('none')) return false;
  const others = exporters.filter((name) => name !== 'otlp');
  if (others.length > 0)
    complain(`${variable} may be "otlp" or "none" here; "${others.join(',')}" is ignored`);
  return exporters.includes('otlp');
}

/** OpenTelemetry's own SDK would send to this machine. */
function complainOfNoEndpoint(env: Environment, signal: Signal, complain: Complain): void {
  const variable = exporterOf(signal);
  if (namesIn(env, variable)?.includes('otlp') !== true) return;
  complain(`${variable} is "otlp", but no ${signal} are sent without OTEL_EXPORTER_OTLP_ENDPOINT`);
}

function exporterOf(signal: Signal): string {
  return `OTEL_${signal.toUpperCase()}_EXPORTER`;
}

function namesIn(env: Environment, variable: string): string[] | undefined {
  return wordOf(env, variable)
    ?.split(',')
    .map((name) => name.trim());
}

function protocolOf(env: Environment, signal: Signal, complain: Complain): Protocol {
  const variable = variableOf(env, signal, 'PROTOCOL');
  const protocol = variable === undefined ? 'http/protobuf' : (wordOf(env, variable) ?? '');
  if (PROTOCOLS.includes(protocol)) return protocol as Protocol;
  complain(`${variable} may be ${PROTOCOLS.join(', ')}; "${protocol}" is ignored, and http/protobuf used`);
  return 'http/protobuf';
}
