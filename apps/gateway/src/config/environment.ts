import type { ConfigProblem } from './config-error.ts';
import { nearestOf } from './meant-key.ts';

/** The environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A value set by a variable: the variable, its path in the configuration, and the value. */
export interface Setting {
  readonly variable: string;
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** The allowed values, and the value as written, if the variable's unit differs from the key's. */
  readonly allowed?: string;
  readonly written?: string;
}

/** Variables for single values. */
export const VARIABLES = {
  HOST: ['host'],
  PORT: ['port'],
  SPILLWAY_BASE_PATH: ['server', 'basePath'],
  LOG_LEVEL: ['logLevel'],
  ADMIN_HOST: ['admin', 'host'],
  ADMIN_PORT: ['admin', 'port'],
  ADMIN_TOKEN: ['admin', 'token'],
  SPILLWAY_ALLOW_OPEN: ['auth', 'allowOpen'],
} as const;

/** Sets `timeouts.attemptMs`, in seconds, under the name that users of Azure-Samples/openai-aca-lb know. */
export const TIMEOUT_VARIABLE = 'HTTP_TIMEOUT_SECONDS';

/** The suffixes that may follow `BACKEND_<n>_`, and the key of a backend that each sets. */
export const BACKEND_VARIABLES = {
  URL: 'url',
  APIKEY: 'apiKey',
  APIKEY_FILE: 'apiKeyFile',
  PRIORITY: 'priority',
  WEIGHT: 'weight',
  NAME: 'name',
  DEPLOYMENT_NAME: 'deployment',
  TPM: 'tpm',
  RPM: 'rpm',
  QUOTA_GROUP: 'quotaGroup',
  SPILL_AT: 'spillAt',
  MAX_IN_FLIGHT: 'maxInFlight',
} as const;

/** Kubernetes sets these for a service, after the service's name, which may be `backend-1` or `spillway`. */
const SERVICE =
  /^(?:SERVICE_(?:HOST|PORT)(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** Returns whether Kubernetes, not a person, has set a variable with this suffix after the name of a service. */
export function isOfKubernetes(suffix: string, value: string): boolean {
  return SERVICE.test(suffix) && (suffix !== 'PORT' || /^\w+:\/\//.test(value));
}

/** Returns a value without accidental spaces and quotes around it; Docker's env files keep quotes. */
export function bareValue(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return /^(["'])(.*)\1$/s.exec(trimmed ?? '')?.[2]?.trim() ?? trimmed;
}

/**
 * Reads all variables of the gateway. Empty variables count as unset, as deployment templates leave them, and spaces
 * and quotes around a value as accidental.
 */
export function readEnvironment(env: Environment): { settings: Setting[]; problems: ConfigProblem[] } {
  const settings: Setting[] = [];
  const problems: ConfigProblem[] = [];
  for (const [variable, path] of Object.entries(VARIABLES)) {
    const value = bareValue(env[variable]);
    if (value) settings.push({ variable, path, value: parseValue(variable, value) });
  }
  const seconds = bareValue(env[TIMEOUT_VARIABLE]);
  if (seconds) settings.push(timeoutSetting(seconds));
  for (const { variable, number, suffix, value } of backendVariables(env)) {
    const key = isBackendVariable(suffix) ? BACKEND_VARIABLES[suffix] : undefined;
    const path = ['backends', number, key ?? ''];
    const other = settings.find((setting) => setting.path.join('.') === path.join('.'));
    if (key === undefined) {
      problems.push(unknownVariable(variable, number, suffix));
    } else if (other !== undefined) {
      problems.push({ key: variable, found: `${other.variable} as well`, allowed: 'each number once' });
    } else {
      settings.push({ variable, path, value: parseValue(variable, value) });
    }
  }
  return { settings, problems };
}

function unknownVariable(variable: string, number: number, suffix: string): ConfigProblem {
  const known = Object.keys(BACKEND_VARIABLES);
  const nearest = nearestOf(suffix, known);
  const hint = nearest === undefined ? '' : ` (did you mean BACKEND_${number}_${nearest}?)`;
  const allowed = known.map((name) => `BACKEND_${number}_${name}`);
  return { key: variable, found: `an unknown variable${hint}`, allowed: `one of ${allowed.join(', ')}` };
}

function isBackendVariable(suffix: string): suffix is keyof typeof BACKEND_VARIABLES {
  return Object.hasOwn(BACKEND_VARIABLES, suffix);
}

function backendVariables(env: Environment) {
  return Object.entries(env)
    .flatMap(([variable, untrimmed]) => {
      const value = bareValue(untrimmed);
      const [, number, suffix] = variable.match(/^BACKEND_(\d+)_(\w+)$/) ?? [];
      return value && suffix && !isOfKubernetes(suffix, value)
        ? [{ variable, number: Number(number), suffix, value }]
        : [];
    })
    .sort((a, b) => a.number - b.number);
}

const NUMERIC = /^(?:PORT|ADMIN_PORT|BACKEND_\d+_(?:PRIORITY|WEIGHT|TPM|RPM|SPILL_AT|MAX_IN_FLIGHT))$/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

const FLAG = /^(?:true|false)$/i;

/** Turns numbers and flags into their types; anything else stays a text for the schema to complain about. */
function parseValue(variable: string, value: string): unknown {
  if (variable === 'SPILLWAY_ALLOW_OPEN' && FLAG.test(value)) return value.toLowerCase() === 'true';
  return NUMERIC.test(variable) && NUMBER.test(value) ? Number(value) : value;
}

function timeoutSetting(seconds: string): Setting {
  return {
    variable: TIMEOUT_VARIABLE,
    path: ['timeouts', 'attemptMs'],
    value: NUMBER.test(seconds) ? Math.round(Number(seconds) * 1000) : seconds,
    allowed: 'seconds from 0.001 to 86400',
    written: seconds,
  };
}
