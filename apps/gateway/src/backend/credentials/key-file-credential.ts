import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../telemetry/log.ts';
import type { Credential, CredentialHeader } from './credential.ts';
import { SecretFile } from './secret-file.ts';

/**
 * How long the replacement of a refused key is awaited: an operator who revokes the old key first writes the new one
 * right after.
 */
const PATIENCE_MS = 3000;
/** A key that was not replaced in time is not awaited again for this long. */
const WAIT_AGAIN_AFTER_MS = 60_000;
const LOOK_CLOSELY_EVERY_MS = 100;
/** A new key that its backend does not know yet is tried again after this time. */
const TRY_AGAIN_AFTER_MS = 1000;

/**
 * A resource key in a file, sent as `api-key`. The previous key is kept until the backend refuses it, as the file may
 * have a new key before the backend knows it.
 */
export class KeyFileCredential implements Credential {
  readonly #file: SecretFile;
  #newest: CredentialHeader;
  #previous: CredentialHeader | undefined;
  #sent: CredentialHeader;
  /** Whether the backend has just refused the newest key, so that the previous one is sent. */
  #isNewestRefused = false;
  #backToNewest: NodeJS.Timeout | undefined;
  #watching: Promise<void> | undefined;
  #waitAgainMs = 0;

  /**
   * @param onChange called when another key is in the file, and sent from then on
   * @throws if the file holds no key
   */
  constructor(path: string, log: Log, onChange: () => void) {
    this.#file = new SecretFile(path, log, (secret) => {
      this.#take(secret);
      onChange();
    });
    this.#sent = this.#newest = ['api-key', this.#file.secret];
  }

  current(): CredentialHeader {
    return this.#sent;
  }

  fetch(): Promise<CredentialHeader> {
    return Promise.resolve(this.#sent);
  }

  async renew(refused: CredentialHeader): Promise<CredentialHeader | undefined> {
    if (refused === this.#previous) this.#forgetPrevious();
    if (refused !== this.#sent) return this.#sent;
    await atMost(PATIENCE_MS, this.#file.look());
    if (refused !== this.#sent) return this.#sent;
    if (this.#previous !== undefined) return this.#sendPrevious(this.#previous);
    await this.#waitForAnother();
    return refused === this.#sent ? undefined : this.#sent;
  }

  stop(): void {
    this.#file.stop();
    clearTimeout(this.#backToNewest);
  }

  #take(secret: string): void {
    // A key that does not work is no fallback.
    if (!this.#isNewestRefused) this.#previous = this.#newest;
    this.#isNewestRefused = false;
    this.#sent = this.#newest = ['api-key', secret];
    this.#waitAgainMs = 0;
  }

  #forgetPrevious(): void {
    this.#previous = undefined;
    this.#isNewestRefused = false;
    // A new header object, as earlier refusals say nothing about the future.
    this.#sent = this.#newest = [...this.#newest];
  }

  #sendPrevious(previous: CredentialHeader): CredentialHeader {
    this.#isNewestRefused = true;
    clearTimeout(this.#backToNewest);
    this.#backToNewest = setTimeout(() => this.#tryNewest(), TRY_AGAIN_AFTER_MS).unref();
    return (this.#sent = previous);
  }

  #tryNewest(): void {
    this.#isNewestRefused = false;
    this.#sent = this.#newest;
  }

  /** Waits until another key is in the file, or the waiting time is over. */
  #waitForAnother(): Promise<void> {
    if (performance.now() < this.#waitAgainMs) return Promise.resolve();
    return (this.#watching ??= this.#watchClosely().finally(() => (this.#watching = undefined)));
  }

  async #watchClosely(): Promise<void> {
    const untilMs = performance.now() + PATIENCE_MS;
    const refused = this.#newest;
    while (performance.now() < untilMs) {
      await sleep(LOOK_CLOSELY_EVERY_MS, undefined, { ref: false });
      await atMost(Math.max(0, untilMs - performance.now()), this.#file.look());
      if (this.#newest !== refused) return;
    }
    this.#waitAgainMs = performance.now() + WAIT_AGAIN_AFTER_MS;
  }
}

/** Resolves when the promise does, or after a time. */
async function atMost(ms: number, promise: Promise<void>): Promise<void> {
  const isOver = new AbortController();
  await Promise.race([promise, sleep(ms, undefined, { ref: false, signal: isOver.signal })]).finally(() =>
    isOver.abort(),
  );
}
