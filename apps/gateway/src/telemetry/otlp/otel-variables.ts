import type { Environment } from '../../config/environment.ts';

export type Signal = 'traces' | 'metrics';

/** Takes what is wrong with a variable, for the log. */
export type Complain = (complaint: string) => void;

/** Returns the value of a variable. Empty ones count as unset, as OpenTelemetry has it. */
export function valueOf(env: Environment, variable: string): string | undefined {
  return env[variable]?.trim() || undefined;
}

/** Returns which variable says it for a signal, for which there is one of its own; undefined if none does. */
export function variableOf(env: Environment, signal: Signal, suffix: string): string | undefined {
  return variablesOf(signal, suffix).find((variable) => valueOf(env, variable) !== undefined);
}

/** Returns both variables that may say it for a signal, its own first. */
export function variablesOf(signal: Signal, suffix: string): [own: string, common: string] {
  return [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`];
}

/** What a number may be. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** What it is unless the variable says it. */
  readonly usual: number;
  /** What is taken for a number that is too large; `usual` if left out. */
  readonly largest?: number;
  /** Whether it may have decimals. */
  readonly isFraction?: boolean;
}

/** The beginning of what was found is enough to find it again. */
const MAX_SHOWN = 40;

/** Returns the number that a variable says, or else what is used in its place, of which there is a complaint. */
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
