/** The environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A value set by a variable: the variable, where it goes in the configuration, and the value. */
export interface Setting {
  readonly variable: string;
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** What is allowed, where the variable's unit is not the key's. */
  readonly allowed?: string;
}

/** A variable that looks like ours but is none. */
export interface UnknownVariable {
  readonly variable: string;
  readonly allowed: string;
}

/** Variables for single values. */
export const VARIABLES = {
  HOST: ['host'],
  PORT: ['port'],
  LOG_LEVEL: ['logLevel'],
} as const;

/** Sets `timeouts.overallMs`, in seconds and under this name for users of Azure-Samples/openai-aca-lb. */
export const TIMEOUT_VARIABLE = 'HTTP_TIMEOUT_SECONDS';

/** What may follow `BACKEND_<n>_`, and the key of a backend that it sets. */
export const BACKEND_VARIABLES = {
  URL: 'url',
  APIKEY: 'apiKey',
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

/** Reads every variable that is ours. Empty variables count as unset, as deployment templates leave them. */
export function readEnvironment(env: Environment): { settings: Setting[]; unknown: UnknownVariable[] } {
  const settings: Setting[] = [];
  const unknown: UnknownVariable[] = [];
  for (const [variable, path] of Object.entries(VARIABLES)) {
    const value = env[variable];
    if (value) settings.push({ variable, path, value: parseNumber(variable, value) });
  }
  const seconds = env[TIMEOUT_VARIABLE];
  if (seconds) settings.push(timeoutSetting(seconds));
  for (const { variable, number, suffix, value } of backendVariables(env)) {
    const key = isBackendVariable(suffix) ? BACKEND_VARIABLES[suffix] : undefined;
    if (key === undefined) {
      const allowed = Object.keys(BACKEND_VARIABLES).map((name) => `BACKEND_${number}_${name}`);
      unknown.push({ variable, allowed: `one of ${allowed.join(', ')}` });
    } else {
      settings.push({ variable, path: ['backends', number, key], value: parseNumber(variable, value) });
    }
  }
  return { settings, unknown };
}

function isBackendVariable(suffix: string): suffix is keyof typeof BACKEND_VARIABLES {
  return Object.hasOwn(BACKEND_VARIABLES, suffix);
}

function backendVariables(env: Environment) {
  return Object.entries(env)
    .flatMap(([variable, value]) => {
      const [, number, suffix] = variable.match(/^BACKEND_(\d+)_(\w+)$/) ?? [];
      return value && suffix ? [{ variable, number: Number(number), suffix, value }] : [];
    })
    .sort((a, b) => a.number - b.number);
}

const NUMERIC = /^(?:PORT|BACKEND_\d+_(?:PRIORITY|WEIGHT|TPM|RPM|SPILL_AT|MAX_IN_FLIGHT))$/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** Turns numbers into numbers; anything else stays a text for the schema to complain about. */
function parseNumber(variable: string, value: string): unknown {
  return NUMERIC.test(variable) && NUMBER.test(value) ? Number(value) : value;
}

function timeoutSetting(seconds: string): Setting {
  return {
    variable: TIMEOUT_VARIABLE,
    path: ['timeouts', 'overallMs'],
    value: NUMBER.test(seconds) ? Math.round(Number(seconds) * 1000) : seconds,
    allowed: 'seconds from 0.001 to 86400',
  };
}
