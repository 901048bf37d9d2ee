import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../evidence/gateway-probe.ts';
import { APPLICATION, AUDIENCE, type Issuer, TENANT } from '../../../process/issuer.ts';
import { type Credentials, KEY_CLIENTS, TOKEN_CLIENT } from './credentials.ts';
import type { MeteredBackend } from './metered-backend.ts';

/** The owners of all credentials and of the configuration. */
export interface RotationParts {
  readonly folder: string;
  readonly backends: readonly MeteredBackend[];
  readonly issuer: Issuer;
  readonly credentials: Credentials;
}

/** How the gateway learns of a change. */
export interface Told {
  readonly pid: number;
  readonly adminPort: number;
}

/** The gateway waits 5 s between two fetches of signing keys that requests may cause. */
const SIGNING_KEY_EVERY_MS = 6000;
/** Of the reloads; it takes the gateway more than a second. */
const ALONE_EVERY = 11;
const LOOK_EVERY_MS = 10;
const LIMIT_MS = 60_000;
const PLENTY = 1_000_000_000;

/** Rotates every credential, and changes the configuration with each step. */
export class Rotation {
  readonly #parts: RotationParts;
  #step = 0;
  #signedMs = -Infinity;
  #isRotating = false;
  #rotations = 0;
  /** Whether backends are about to misbehave: then the gateway may hedge. */
  isCalm = true;

  constructor(parts: RotationParts) {
    this.#parts = parts;
    for (const backend of parts.backends) {
      backend.accepted.add(backendKey(backend, 0));
      this.#writeKey(backend, 0);
    }
    this.#write();
  }

  get #file(): string {
    return join(this.#parts.folder, 'spillway.json');
  }

  /** How often a backend has received another key. */
  get rotations(): number {
    return this.#rotations;
  }

  /** Makes the present changes, and waits until the gateway has them. */
  async step(told: Told): Promise<void> {
    const { credentials, issuer, backends } = this.#parts;
    this.#step += 1;
    // The older key is removed, so no request may be about to use it.
    await credentials.areUnused(this.#step + 1);
    if (performance.now() - this.#signedMs > SIGNING_KEY_EVERY_MS) {
      issuer.rotate();
      this.#signedMs = performance.now();
    }
    const backend = backends[this.#rotations % backends.length];
    if (!this.#isRotating && backend !== undefined) void this.#rotateKey(backend);
    this.#write();
    await this.#tell(told);
    credentials.use(this.#step + 2);
  }

  /**
   * In turns: as operators do it, and with the old key revoked too early. Ends when the backend has received the new
   * key.
   */
  async #rotateKey(backend: MeteredBackend): Promise<void> {
    this.#isRotating = true;
    const number = (this.#rotations += 1);
    const key = backendKey(backend, number);
    if (number % 2 === 1) backend.accepted.clear();
    backend.accepted.add(key);
    this.#writeKey(backend, number);
    while (backend.lastKey !== key) await sleep(LOOK_EVERY_MS, undefined, { ref: false });
    backend.accepted.clear();
    backend.accepted.add(key);
    this.#isRotating = false;
  }

  /** In turns: the operator asks, a signal says so, or the gateway notices by itself. */
  async #tell({ pid, adminPort }: Told): Promise<void> {
    const headers = { 'content-type': 'application/json', 'x-spillway-admin': '1' };
    // Whatever the reply, the configuration in effect counts.
    if (this.#step % 2 === 0) void ask(adminPort, '/admin/reload', { body: '{}', headers }).catch(() => {});
    else if (this.#step % ALONE_EVERY > 0) process.kill(pid, 'SIGHUP');
    const mark = `"maxAgeSeconds":${this.#step}`;
    const hasIt = async () => {
      const { body } = await ask(adminPort, '/admin/config').catch(() => ({ body: '' }));
      return body.replaceAll(/\s/g, '').includes(mark);
    };
    await until(hasIt, `the gateway takes configuration ${this.#step}`);
  }

  #writeKey(backend: MeteredBackend, number: number): void {
    writeWhole(keyFileOf(this.#parts.folder, backend), backendKey(backend, number));
  }

  #write(): void {
    const { folder, backends, issuer, credentials } = this.#parts;
    const step = this.#step;
    // Never the same, and never so low that a request would be refused.
    const budgets = [
      { tpm: PLENTY, rpm: 1_000_000, concurrent: 1000 + step, tokensPerMonth: PLENTY + step },
      { deployments: ['gpt-4o'], tokensPerDay: PLENTY - step },
    ];
    const keyed = KEY_CLIENTS.map((name) => ({ name, keys: credentials.keysOf(name, step + 1), budgets }));
    const config = {
      auth: { mode: 'both', entra: { tenants: [TENANT], audiences: [AUDIENCE], authority: issuer.url } },
      clients: [...keyed, { name: TOKEN_CLIENT, entra: { applications: [APPLICATION] }, budgets }],
      backends: backends.map((backend) => ({
        name: backend.name,
        url: backend.url,
        apiKeyFile: keyFileOf(folder, backend),
        weight: 1 + (step % 5),
      })),
      strategy: step % 2 === 0 ? 'round-robin' : 'least-in-flight',
      cors: { allowedOrigins: ['https://app.example'], maxAgeSeconds: step },
      state: { path: join(folder, 'state') },
      timeouts: { lameDuckMs: 0, shutdownMs: 1000 },
      cooldown: { defaultMs: 20, floorMs: 10, ceilingMs: 100 },
      retryBudget: { share: 10 },
      hedge: { afterMs: this.isCalm ? 'never' : 50 },
    };
    writeWhole(this.#file, JSON.stringify(config));
  }
}

function keyFileOf(folder: string, { name }: MeteredBackend): string {
  return join(folder, `${name}.key`);
}

function backendKey({ name }: MeteredBackend, number: number): string {
  return `key-of-backend-${name}-number-${number}`;
}

/** Replaces a file as a whole. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const lateMs = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > lateMs) throw new Error(`not in ${LIMIT_MS} ms: ${what}`);
    await sleep(LOOK_EVERY_MS);
  }
}
