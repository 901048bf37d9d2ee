import { bareValue, type Environment } from '../../config/environment.ts';

export type Signal = 'traces' | 'metrics';

/** Receives the problem of a variable, for the log. */
export type Complain = (complaint: string) => void;

/** Removes accidental spaces and quotes around OpenTelemetry's variables: its exporters read some of them as they are. */
export function bareOtelVariables(env: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(env)) if (name.startsWith('OTEL_')) env[name] = bareValue(value);
}

/** Returns the value of a variable. Empty ones count as unset, as in OpenTelemetry. */
export function valueOf(env: Environment, variable: string): string | undefined {
  return env[variable]?.trim() || undefined;
}

/** Returns the value of a variable that is one of a few words, in lower case: OpenTelemetry ignores their case. */
export function wordOf(env: Environment, variable: string): string | undefined {
  return valueOf(env, variable)?.toLowerCase();
}

/**
 * Returns which variable sets a value for a signal, where the signal may have one of its own; undefined if none does.
 */
export function variableOf(env: Environment, signal: Signal, suffix: string): string | undefined {
  return variablesOf(signal, suffix).find((variable) => valueOf(env, variable) !== undefined);
}

/** Returns both variables that may set a value for a signal, the signal's own first. */
export function variablesOf(signal: Signal, suffix: string): [own: string, common: string] {
  return [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`];
}

/** The allowed values of a number. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** The default. */
  readonly usual: number;
  /** The substitute for a number that is too large; `usual` if left out. */
  readonly largest?: number;
  /** Whether decimals are allowed. */
  readonly isFraction?: boolean;
}

/** The beginning of a value is enough to find it again. */
export const MAX_SHOWN = 40;

/** Returns the number in a variable, or else its substitute, with a complaint. */
export function readNumber(
  env: Environment,
  variable: string,
  { min, max, usual, largest = usual, isFraction = false }: NumberRange,
  complain: Complain,
): number {
  const found = valueOf(env, variable);
  if (found === undefined) return usual;
  const number = Number(found);
  if (number >= min && number <= max && (isFraction || Number.isInteger(number))) return number;
  const used = number > max ? largest : usual;
  const kind = isFraction ? 'number' : 'whole number';
  complain(
    `${variable} may be a ${kind} from ${min} to ${max}; "${found.slice(0, MAX_SHOWN)}" is ignored, and ${used} used`,
  );
  return used;
}
