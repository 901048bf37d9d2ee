import { ConfigError, type ConfigProblem } from './config-error.ts';
import { type ConfigFile, describeUnreadable, readConfigFile } from './config-file.ts';
import { describeClients } from './describe-clients.ts';
import { describeUnlisted } from './describe-deployments.ts';
import { describeFallbacks } from './describe-fallbacks.ts';
import { credentialFiles, describeCredentialFiles } from './credential-files.ts';
import { describeIssues, type Place } from './describe-issue.ts';
import { describeIdle } from './describe-idle.ts';
import { describeOverruled } from './describe-overruled.ts';
import { describePorts } from './describe-ports.ts';
import { describeTimeouts } from './describe-timeouts.ts';
import { describeTwins } from './describe-twins.ts';
import {
  BACKEND_VARIABLES,
  bareValue,
  type Environment,
  readEnvironment,
  type Setting,
} from './environment.ts';
import { type FileReading, readNow } from './file-reading.ts';
import { describeMisnamed } from './misnamed-variables.ts';
import { mergeSettings } from './merge-settings.ts';
import { backendPemFiles, describeCertificates, pemFiles } from './network.ts';
import { describeProxies } from './proxies.ts';
import { type Config, configSchema } from './schema.ts';

/** The file of a configuration, which may change. */
export interface ConfigSource {
  readonly path: string;
  /** The content when the configuration was read. */
  readonly bytes: Buffer;
  /**
   * Reads the configuration again with other bytes of the file, in the same environment.
   *
   * @throws ConfigError with every problem at once
   */
  reread(bytes: Buffer): LoadedConfig;
}

/** A configuration, and its source. */
export interface LoadedConfig {
  readonly config: Config;
  /** Valid settings that are probably mistakes. */
  readonly warnings: readonly ConfigProblem[];
  /** Its file, if there is one. */
  readonly source: ConfigSource | undefined;
  /** Returns where the value at a path was set: the variable, or the file, line and key; undefined for a default. */
  placeOf(path: readonly PropertyKey[]): string | undefined;
}

/** Reads the configuration as `readConfig` does, and returns nothing else. */
export function loadConfig(env: Environment = process.env): Config {
  return readConfig(env).config;
}

/**
 * Reads a configuration file by itself: the environment here sets nothing.
 *
 * @param variables the values of `${NAME}` in the file
 * @throws ConfigError with every problem at once
 */
export function readFileAlone(
  path: string,
  variables: Environment,
  { reading: { bytes, code } = readNow(path), isElsewhere = false }: AloneOptions = {},
): LoadedConfig {
  // The file was named on a command line, so a message must not call it a variable.
  if (bytes === undefined) throw new ConfigError([describeUnreadable(path, code, 'FILE')]);
  return readWith({ env: { SPILLWAY_CONFIG: path }, variables, isElsewhere, bytes });
}

interface AloneOptions {
  /** The file, where it was read already. */
  readonly reading?: FileReading;
  /** Whether the key and certificate files that it names may be missing here. */
  readonly isElsewhere?: boolean;
}

/**
 * Reads the configuration from the environment and the file that `SPILLWAY_CONFIG` names. The environment wins.
 *
 * @param bytes of that file, where it was read already
 * @throws ConfigError with every problem at once
 */
export function readConfig(env: Environment = process.env, bytes?: Buffer): LoadedConfig {
  return readWith({ env, variables: env, bytes });
}

interface Reading {
  readonly env: Environment;
  /** The values of `${NAME}` in the file. */
  readonly variables: Environment;
  readonly bytes?: Buffer | undefined;
  /** Whether to skip the files that the configuration names. */
  readonly isElsewhere?: boolean;
}

function readWith({ env, variables, bytes, isElsewhere = false }: Reading): LoadedConfig {
  const { settings, problems: wrongVariables } = readEnvironment(env);
  const path = bareValue(env['SPILLWAY_CONFIG']);
  const file = path ? readConfigFile(path, variables, bytes) : undefined;
  const problems: ConfigProblem[] = [...(file?.problems ?? []), ...wrongVariables];
  const first = settings.find(({ path }) => path[0] === 'backends');
  if (first !== undefined && file?.values?.['backends'] !== undefined) {
    const allowed = 'backends in the environment or the file, not both';
    problems.push({ key: first.variable, found: `${file.locate(['backends'])} as well`, allowed });
  }

  const input = mergeSettings(file?.values ?? {}, settings);
  const locate = locator(file, settings, input.numbers);
  const keyOf = (path: readonly PropertyKey[]) => locate(path).key;
  const misnamed = describeMisnamed(env, first !== undefined || file !== undefined);
  const parsed = configSchema.safeParse(input.values);
  // If the file cannot be read, its keys are missing anyway.
  const isFileUnreadable = file !== undefined && file.values === undefined;
  if (!parsed.success && !isFileUnreadable) {
    const wrong = describeIssues(parsed.error.issues, input.values, locate);
    problems.push(...wrong.filter(({ key }) => file?.isTold(key) !== true));
  }
  problems.push(...describeDuplicateNames(input.values['backends'], keyOf));
  problems.push(...describeContradictions(input.values['backends']));
  if (parsed.success) {
    problems.push(...describeClients(parsed.data, keyOf));
    problems.push(...describeFallbacks(parsed.data, keyOf));
    problems.push(...describeProxies(parsed.data));
    problems.push(...describePorts(parsed.data, keyOf));
  }
  const wrongFiles = parsed.success && !isElsewhere ? describeFiles(parsed.data, keyOf) : [];
  if (problems.length + wrongFiles.length > 0 || !parsed.success) {
    const files = parsed.success && problems.length === 0 ? filesOf(parsed.data) : [];
    throw new ConfigError(byLine([...problems, ...wrongFiles, ...misnamed], `${path}:`), files);
  }
  return {
    config: parsed.data,
    warnings: [
      ...misnamed,
      ...(file === undefined ? [] : describeOverruled(file.values ?? {}, settings, file.locate)),
      ...describeTwins(parsed.data.backends, keyOf),
      ...describeIdle(parsed.data, keyOf),
      ...describeUnlisted(parsed.data, keyOf),
      ...describeTimeouts(parsed.data, input.values, keyOf),
    ],
    source: file?.bytes && path ? sourceOf(path, file.bytes, env) : undefined,
    placeOf: (path) => (isSet(input.values, path) ? keyOf(path) : undefined),
  };
}

/** Sorts the problems of the file by its lines, before those of variables. */
function byLine(problems: readonly ConfigProblem[], beforeLine: string): ConfigProblem[] {
  const lineOf = ({ key }: ConfigProblem) =>
    key.startsWith(beforeLine) ? Number.parseInt(key.slice(beforeLine.length), 10) : Number.MAX_SAFE_INTEGER;
  return problems.toSorted((a, b) => lineOf(a) - lineOf(b));
}

function sourceOf(path: string, bytes: Buffer, env: Environment): ConfigSource {
  return { path, bytes, reread: (others) => readConfig(env, others) };
}

function describeFiles(config: Config, keyOf: (path: readonly PropertyKey[]) => string): ConfigProblem[] {
  return [...describeCertificates(config, keyOf), ...describeCredentialFiles(config.backends, keyOf)];
}

function filesOf({ server, backends }: Config): string[] {
  return [...pemFiles(server?.tls), ...backendPemFiles({ backends }), ...credentialFiles(backends)];
}

function isSet(values: Record<string, unknown>, [first = '']: readonly PropertyKey[]): boolean {
  return values[String(first)] !== undefined;
}

/** Returns a function that finds the source of a path: a variable's name, or the file, line and key. */
function locator(file: ConfigFile | undefined, settings: readonly Setting[], numbers: readonly number[]) {
  return (path: readonly PropertyKey[]): Place => {
    const [first, index, key] = path;
    const number = first === 'backends' && typeof index === 'number' ? numbers[index] : undefined;
    if (number !== undefined) {
      const suffix = Object.entries(BACKEND_VARIABLES).find(([, name]) => name === key)?.[0];
      return { key: `BACKEND_${number}_${suffix ?? String(key)}` };
    }
    const setting = settings.find((candidate) => candidate.path.join('.') === path.join('.'));
    if (setting) return { key: setting.variable, allowed: setting.allowed, written: setting.written };
    return { key: file?.locate(path) ?? (first === 'backends' ? 'BACKEND_1_URL' : path.join('.')) };
  };
}

function describeDuplicateNames(
  backends: unknown,
  keyOf: (path: readonly PropertyKey[]) => string,
): ConfigProblem[] {
  const names = Array.isArray(backends)
    ? backends.map((backend: { name?: unknown } | null) => backend?.name)
    : [];
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    const found = `${JSON.stringify(name)}, the same as ${keyOf(['backends', first, 'name'])}`;
    return { key: keyOf(['backends', index, 'name']), found, allowed: 'a different name for each backend' };
  });
}

/** The settings that any member of a quota group may have. */
const SETTINGS = ['tpm', 'rpm', 'spillAt'] as const;

type Member = { readonly quotaGroup?: unknown } & {
  readonly [Setting in (typeof SETTINGS)[number]]?: unknown;
};

/**
 * Returns a problem for each setting in which members of one quota group contradict each other: one quota has one
 * limit.
 */
function describeContradictions(backends: unknown): ConfigProblem[] {
  if (!Array.isArray(backends)) return [];
  const members = backends.flatMap((backend: (Member & { quotas?: unknown }) | null) => [
    backend,
    ...Object.values((backend?.quotas ?? {}) as Record<string, Member | null>),
  ]);
  const groups = new Set(members.map((member) => member?.quotaGroup).filter((group) => group !== undefined));
  return [...groups].flatMap((group) =>
    SETTINGS.flatMap((setting) => {
      const values = members
        .filter((member) => member?.quotaGroup === group)
        .map((member) => member?.[setting]);
      const said = [...new Set(values.filter((value) => value !== undefined))];
      if (said.length < 2) return [];
      return {
        key: `quotaGroup ${JSON.stringify(group)}`,
        found: `more than one ${setting}: ${said.map((value) => JSON.stringify(value)).join(', ')}`,
        allowed: `the same ${setting} everywhere, as it is one quota`,
      };
    }),
  );
}
