import { setTimeout as sleep } from 'node:timers/promises';
import { readSecret, readSecretLater, type SecretReading } from '../../config/read-secret.ts';
import type { Log } from '../../telemetry/log.ts';

/** Polled, not watched: network shares, and the links that Kubernetes swaps, report no changes. */
const LOOK_EVERY_MS = 1000;
/**
 * A file that is still being written may look complete, so its content counts once it has been the same for this long.
 */
const BELIEVE_AFTER_MS = 250;

/** A secret in a file that may be replaced at any time. An unusable file leaves the old secret in place. */
export class SecretFile {
  readonly #path: string;
  readonly #log: Log;
  readonly #onChange: (secret: string) => void;
  readonly #timer: NodeJS.Timeout;
  #secret: string;
  #looking: Promise<void> | undefined;
  /** The last problem that was logged. */
  #problem: string | undefined;

  /**
   * @param onChange gets each new secret
   * @throws if the file holds no secret now
   */
  constructor(path: string, log: Log, onChange: (secret: string) => void) {
    const reading = readSecret(path);
    if (reading.problem !== undefined) throw new Error(`${path}: ${reading.problem}`);
    this.#path = path;
    this.#log = log;
    this.#onChange = onChange;
    this.#secret = reading.secret;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  get secret(): string {
    return this.#secret;
  }

  /** Reads the file at once. Resolves when its content has been taken or rejected. */
  look(): Promise<void> {
    return (this.#looking ??= this.#read().finally(() => (this.#looking = undefined)));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #read(): Promise<void> {
    const first = await readSecretLater(this.#path);
    if (this.#isKnown(first)) return;
    await sleep(BELIEVE_AFTER_MS, undefined, { ref: false });
    const second = await readSecretLater(this.#path);
    if (this.#isKnown(second) || !isSame(first, second)) return;
    if (second.problem === undefined) this.#take(second.secret);
    else this.#complain(second.problem);
  }

  #isKnown(reading: SecretReading): boolean {
    if (reading.problem !== undefined) return reading.problem === this.#problem;
    if (reading.secret !== this.#secret) return false;
    this.#problem = undefined;
    return true;
  }

  #take(secret: string): void {
    this.#secret = secret;
    this.#problem = undefined;
    this.#log.info({ file: this.#path }, 'a credential was renewed from its file');
    this.#onChange(secret);
  }

  #complain(problem: string): void {
    this.#problem = problem;
    this.#log.warn(
      { file: this.#path, reason: problem },
      'a credential’s file cannot be used; the old credential still serves',
    );
  }
}

function isSame(a: SecretReading, b: SecretReading): boolean {
  return a.problem === undefined ? b.problem === undefined && a.secret === b.secret : a.problem === b.problem;
}
