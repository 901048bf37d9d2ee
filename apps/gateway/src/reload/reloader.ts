import { ConfigError, type ConfigProblem, describeProblem } from '../config/config-error.ts';
import { describeUnreadable } from '../config/config-file.ts';
import {
  canBeReadOnce,
  type FileReading,
  fingerprintOf,
  readFiles,
  readNow,
  readSettled,
} from '../config/file-reading.ts';
import type { ConfigSource } from '../config/load.ts';
import { describeClients, describeOpening } from '../config/describe-clients.ts';
import { backendPemFiles } from '../config/network.ts';
import { withoutRestart } from '../config/reload-effect.ts';
import type { Config } from '../config/schema.ts';
import { isOwnTrouble } from '../overload/own-trouble.ts';
import type { Log } from '../telemetry/log.ts';
import { AwaitedFiles } from './awaited-files.ts';
import type { ReloadReport, ReloadTrigger } from './reload-report.ts';

/** Polled, not watched: network shares, and the links that Kubernetes swaps, report no changes. */
const LOOK_EVERY_MS = 1000;

/** The parts that a reloader works with. */
export interface ReloadParts {
  /** The file; undefined if all comes from the environment. */
  readonly source: ConfigSource | undefined;
  /** The configuration that the gateway was started with. */
  readonly started: Config;
  /** Probable mistakes in that. */
  readonly warnings: readonly ConfigProblem[];
  /**
   * Puts a configuration into effect.
   *
   * @throws what `readPem` throws, if certificates cannot be read any more; nothing has then changed
   */
  readonly apply: (config: Config) => void;
  readonly log: Log;
}

/**
 * Reads the configuration again when its file, or a certificate that it names, has changed, or on request. An invalid
 * one changes nothing but the report.
 */
export class Reloader {
  readonly #parts: ReloadParts;
  #inEffect: Config;
  #report: ReloadReport;
  /** The fingerprint of the last content, applied or refused. */
  #seen = '';
  readonly #awaited = new AwaitedFiles();
  #isStopped = false;
  /** The latest reload, and one that is to begin after it. */
  #running: Promise<unknown> = Promise.resolve();
  #waiting: Promise<ReloadReport> | undefined;

  constructor(parts: ReloadParts) {
    this.#parts = parts;
    this.#inEffect = parts.started;
    const atMs = Date.now();
    this.#report = {
      file: parts.source?.path,
      result: 'started',
      trigger: undefined,
      atMs,
      lastSuccessMs: atMs,
      problems: [],
      warnings: parts.warnings,
      needsRestart: [],
      applied: 0,
      refused: 0,
    };
    const { source, started } = parts;
    if (source === undefined) return;
    const own = { bytes: source.bytes, code: undefined };
    this.#seen = fingerprintOf([own, ...backendPemFiles(started).map(readNow)]);
    if (!canBeReadOnce(source.path)) this.#lookLater(source);
  }

  get report(): ReloadReport {
    return this.#report;
  }

  /**
   * Reads the configuration again. Never rejects. A request while another waits for its turn shares that one's result.
   */
  reload(trigger: ReloadTrigger): Promise<ReloadReport> {
    const { source, log } = this.#parts;
    if (source === undefined) {
      log.info(
        { trigger },
        'there is no configuration file to read again: all settings come from the environment',
      );
      return Promise.resolve(this.#report);
    }
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined;
      const run = this.#run(trigger, source);
      this.#running = run;
      return run;
    });
    return this.#waiting;
  }

  stop(): void {
    this.#isStopped = true;
  }

  #lookLater(source: ConfigSource): void {
    if (this.#isStopped) return;
    setTimeout(() => void this.#look(source).finally(() => this.#lookLater(source)), LOOK_EVERY_MS).unref();
  }

  async #look(source: ConfigSource): Promise<void> {
    const readings = await readFiles(this.#paths(source));
    const isChanged = fingerprintOf(readings) !== this.#seen;
    // Parsing a large file takes seconds, in which nothing is served.
    if (isChanged || ((await this.#awaited.haveChanged()) && this.#isRight(source, readings[0])))
      await this.reload('change');
  }

  async #run(trigger: ReloadTrigger, source: ConfigSource): Promise<ReloadReport> {
    const readings = await readSettled(this.#paths(source));
    if (this.#isStopped || (trigger === 'change' && readings?.some(isOwnTrouble))) return this.#report;
    const seen = readings && fingerprintOf(readings);
    const isAsBefore = trigger === 'change' && seen === this.#seen && this.#report.result !== 'refused';
    if (isAsBefore) return this.#report;
    this.#seen = seen ?? '';
    this.#awaited.replace([]);
    try {
      const { bytes, config, warnings, needsRestart } = this.#read(source, readings?.[0]);
      // Fingerprinted before they are used, so that no change in between is missed.
      const named = await readFiles(backendPemFiles(config));
      this.#parts.apply(config);
      this.#inEffect = config;
      this.#seen = fingerprintOf([{ bytes, code: undefined }, ...named]);
      this.#noteApplied(trigger, warnings, needsRestart);
    } catch (error) {
      if (error instanceof ConfigError) this.#awaited.replace(error.files);
      // It may be possible the next time.
      else this.#seen = '';
      this.#noteRefused(trigger, this.#problemsOf(error, source.path));
    }
    return this.#report;
  }

  /**
   * Returns the part of a file's configuration that can take effect.
   *
   * @throws ConfigError
   */
  #read(source: ConfigSource, reading: FileReading | undefined) {
    const bytes = bytesOf(source.path, reading);
    const { config: wanted, warnings } = source.reread(bytes);
    const { config, needsRestart } = withoutRestart(this.#parts.started, wanted);
    checkTogether(config, this.#inEffect);
    return { bytes, config, warnings, needsRestart };
  }

  #isRight(source: ConfigSource, reading: FileReading | undefined): boolean {
    try {
      this.#read(source, reading);
      return true;
    } catch {
      return false;
    }
  }

  #paths({ path }: ConfigSource): string[] {
    return [path, ...backendPemFiles(this.#inEffect)];
  }

  #noteApplied(
    trigger: ReloadTrigger,
    warnings: readonly ConfigProblem[],
    needsRestart: readonly string[],
  ): void {
    const { log } = this.#parts;
    const { file, applied } = this.#report;
    const atMs = Date.now();
    const last = { result: 'applied', trigger, atMs, lastSuccessMs: atMs, problems: [] } as const;
    this.#report = { ...this.#report, ...last, warnings, needsRestart, applied: applied + 1 };
    log.info({ trigger, file }, 'the configuration was read again, and is in effect');
    for (const key of needsRestart) log.warn({ key }, `needs a restart: ${key}`);
    warnOfMistakes(warnings, log);
  }

  #noteRefused(trigger: ReloadTrigger, problems: readonly ConfigProblem[]): void {
    const { file, refused } = this.#report;
    const last = { result: 'refused', trigger, atMs: Date.now(), problems } as const;
    this.#report = { ...this.#report, ...last, refused: refused + 1 };
    this.#parts.log.error(
      { trigger, file, problems: problems.map(describeProblem) },
      'the configuration is wrong; the previous one stays in effect',
    );
  }

  #problemsOf(error: unknown, file: string): readonly ConfigProblem[] {
    if (error instanceof ConfigError) return error.problems;
    const { code = (error as Error).name } = error as NodeJS.ErrnoException;
    this.#parts.log.error(error, 'the configuration could not be put into effect');
    return [
      {
        key: file,
        found: `a configuration that cannot be put into effect (${code})`,
        allowed: 'files that stay unchanged',
      },
    ];
  }
}

/** Logs probable mistakes in a configuration that is in effect. */
export function warnOfMistakes(warnings: readonly ConfigProblem[], log: Log): void {
  for (const warning of warnings)
    log.warn(`Probably a mistake in the configuration: ${describeProblem(warning)}`);
}

/** @throws ConfigError if there is nothing to read */
function bytesOf(path: string, reading: FileReading | undefined): Buffer {
  if (reading === undefined) {
    const allowed = 'a file that stays unchanged for half a second';
    throw new ConfigError([{ key: path, found: 'a file that keeps changing', allowed }]);
  }
  const { bytes, code } = reading;
  if (bytes === undefined) throw new ConfigError([describeUnreadable(path, code)]);
  // The file is being written, or was lost on a full disk.
  if (bytes.every(isSpace))
    throw new ConfigError([
      { key: path, found: 'an empty file', allowed: 'a map of keys such as `backends`' },
    ]);
  return bytes;
}

/**
 * Checks the combination of old and new settings: while a host waits for a restart, the gateway must not be opened to
 * everybody, nor by a file that may have lost its end.
 *
 * @throws ConfigError
 */
function checkTogether(config: Config, before: Config): void {
  const problems = [...describeClients(config, (path) => path.join('.')), ...describeOpening(before, config)];
  if (problems.length > 0) throw new ConfigError(problems);
}

/** Tabs, line ends and spaces. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
