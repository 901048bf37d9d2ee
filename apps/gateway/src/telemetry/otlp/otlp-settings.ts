import type { Environment } from '../../config/environment.ts';
import { type Complain, type Signal, valueOf, variableOf } from './otel-variables.ts';
import { complainOfIgnored } from './otlp-complaints.ts';
import { type OtlpNumbers, readOtlpNumbers } from './otlp-numbers.ts';

export type Protocol = 'grpc' | 'http/protobuf' | 'http/json';

/** How each signal is sent; one that is not is left out. */
export interface OtlpSettings {
  readonly protocols: Readonly<Partial<Record<Signal, Protocol>>>;
  readonly numbers: OtlpNumbers;
  /** What has been ignored, for the log. */
  readonly complaints: readonly string[];
}

const PROTOCOLS: readonly string[] = ['grpc', 'http/protobuf', 'http/json'] satisfies Protocol[];

/**
 * Reads whether anything is sent by OTLP. Unlike in OpenTelemetry’s own SDK nothing is unless there is an endpoint; all else, such
 * as headers, compression and certificates, is for the exporters to read. Numbers are not, as they would be taken unchecked.
 *
 * @returns undefined if nothing is sent
 */
export function readOtlpSettings(env: Environment): OtlpSettings | undefined {
  if (valueOf(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  // Signals share most variables.
  const complaints = new Set<string>();
  const complain = (complaint: string) => void complaints.add(complaint);
  const protocols: Partial<Record<Signal, Protocol>> = {};
  for (const signal of ['traces', 'metrics'] as const) {
    if (variableOf(env, signal, 'ENDPOINT') === undefined) continue;
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

/** A host and a port look like a URL with a scheme of its own, which gRPC alone takes. */
function isReachable(env: Environment, signal: Signal, protocol: Protocol, complain: Complain): boolean {
  const variable = variableOf(env, signal, 'ENDPOINT') ?? '';
  const endpoint = valueOf(env, variable) ?? '';
  if (URL.canParse(endpoint) && (protocol === 'grpc' || /^https?:/i.test(endpoint))) return true;
  // Its value may hold a password.
  complain(`${variable} is not a URL such as http://localhost:4318, so no ${signal} are sent`);
  return false;
}

function isSentByOtlp(env: Environment, signal: Signal, complain: Complain): boolean {
  const variable = `OTEL_${signal.toUpperCase()}_EXPORTER`;
  const exporters = valueOf(env, variable)
    ?.split(',')
    .map((name) => name.trim()) ?? ['otlp'];
  if (exporters.includes('none')) return false;
  const others = exporters.filter((name) => name !== 'otlp');
  if (others.length > 0)
    complain(`${variable} may be "otlp" or "none" here; "${others.join(',')}" is ignored`);
  return exporters.includes('otlp');
}

function protocolOf(env: Environment, signal: Signal, complain: Complain): Protocol {
  const variable = variableOf(env, signal, 'PROTOCOL');
  const protocol = variable === undefined ? 'http/protobuf' : (valueOf(env, variable) ?? '');
  if (PROTOCOLS.includes(protocol)) return protocol as Protocol;
  complain(`${variable} may be ${PROTOCOLS.join(', ')}; "${protocol}" is ignored, and http/protobuf used`);
  return 'http/protobuf';
}
