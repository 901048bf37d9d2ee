import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProcess } from '../../../process/start-process.ts';
import type { Findings } from '../../evidence/findings.ts';
import { ask } from '../../evidence/gateway-probe.ts';
import { AnswerLedger } from './answer-ledger.ts';
import { CLIENTS, Credentials } from './credentials.ts';
import { readCounts, readMonths } from './gateway-counts.ts';
import { Issuer } from '../../../process/issuer.ts';
import { judgeLedgers } from './judge-ledgers.ts';
import { MeteredBackend } from './metered-backend.ts';
import { readLog } from './read-log.ts';
import { Rotation } from './rotation.ts';
import { endCalls } from './send-call.ts';
import { Traffic } from './traffic.ts';

const LONG_STREAMS = 20;
/** Of the reloads; the others are under backends that act up. */
const CALM_SHARE = 2 / 3;
/** The state is written every two seconds. */
const SETTLE_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** The parts of a run. */
export interface ClientsRunParts {
  readonly folder: string;
  readonly seed: number;
  readonly findings: Findings;
}

/** One gateway, its backends, its issuer and its clients. */
export class ClientsRun {
  readonly #parts: ClientsRunParts;
  readonly #ledger: AnswerLedger;
  readonly #backends: readonly MeteredBackend[];
  readonly #issuer = new Issuer();
  readonly #credentials = new Credentials(this.#issuer);
  #rotation: Rotation | undefined;
  #traffic: Traffic | undefined;
  #calmRequests = 0;

  constructor(parts: ClientsRunParts) {
    this.#parts = parts;
    this.#ledger = new AnswerLedger(parts.seed);
    this.#backends = ['a', 'b', 'c'].map((name) => new MeteredBackend(name, this.#ledger, parts.seed));
  }

  get configFile(): string {
    return join(this.#parts.folder, 'spillway.json');
  }

  get #stateFolder(): string {
    return join(this.#parts.folder, 'state');
  }

  /** Starts the backends and the issuer, and writes the first configuration. */
  async listen(): Promise<void> {
    await Promise.all([this.#issuer.listen(), ...this.#backends.map((backend) => backend.listen())]);
    const parts = { folder: this.#parts.folder, backends: this.#backends, issuer: this.#issuer };
    this.#rotation = new Rotation({ ...parts, credentials: this.#credentials });
  }

  /** First all goes well, and nothing may fail; then the backends misbehave. Credentials are rotated all the time. */
  async attack(gateway: RunningProcess, reloads: number, onReload: (done: number) => void): Promise<void> {
    const { findings, seed } = this.#parts;
    const port = Number(new URL(gateway.url).port);
    const parts = { port, seed, credentials: this.#credentials, ledger: this.#ledger, findings };
    const traffic = (this.#traffic = new Traffic(parts));
    const calm = Math.ceil(reloads * CALM_SHARE);
    const streams = traffic.holdStreams(LONG_STREAMS);
    await this.#reloadUnder(traffic, gateway, calm, onReload);
    for (const backend of this.#backends) backend.endLong();
    await streams;
    this.#calmRequests = traffic.sent;
    await this.#judgeCalm(gateway, traffic);
    this.#setCalm(false);
    await this.#reloadUnder(traffic, gateway, reloads - calm, (done) => onReload(calm + done));
    this.#setCalm(true);
  }

  /** Compares all counts once nothing is under way, and ends the gateway. */
  async judge(gateway: RunningProcess) {
    const { findings } = this.#parts;
    const traffic = this.#traffic as Traffic;
    const adminPort = adminPortOf(gateway);
    const lateMs = performance.now() + SETTLE_MS;
    let counts = await readCounts(adminPort);
    while (counts.inFlight > 0 && performance.now() < lateMs) {
      await sleep(LOOK_EVERY_MS);
      counts = await readCounts(adminPort);
    }
    if (counts.inFlight !== 0) findings.add('idle', `${counts.inFlight} requests are in flight`);
    const { body } = await ask(adminPort, '/admin/backends');
    for (const held of body.matchAll(/"inFlight": ?([1-9]\d*)/g)) findings.add('idle', held[0]);
    const kept = join(this.#parts.folder, 'gateway.log');
    await gateway.stop(kept);
    const log = readLog(readFileSync(kept, 'utf8'));
    for (const line of log.errors) findings.add('log lines', line);
    const months = readMonths(this.#stateFolder);
    const ledgers = { ledger: this.#ledger, traffic, backends: this.#backends };
    judgeLedgers({ ...ledgers, counts, log, months }, findings);
    const arrivals = this.#backends.reduce((sum, { requests }) => sum + requests, 0);
    const answers = [...traffic.byStatus.values()].reduce((a, b) => a + b, 0);
    return { answers, arrivals, logLines: log.requests.length, notes: this.#notes(traffic) };
  }

  close(): void {
    for (const one of [this.#issuer, ...this.#backends]) one.close();
    endCalls();
  }

  async #reloadUnder(
    traffic: Traffic,
    gateway: RunningProcess,
    reloads: number,
    onReload: (done: number) => void,
  ): Promise<void> {
    const told = { pid: gateway.pid, adminPort: adminPortOf(gateway) };
    const over = new AbortController();
    const reload = async () => {
      try {
        for (let done = 1; done <= reloads; done++) {
          await this.#rotation?.step(told);
          onReload(done);
        }
      } finally {
        over.abort();
      }
    };
    await Promise.all([traffic.run(over.signal), reload()]);
  }

  #setCalm(isCalm: boolean): void {
    for (const backend of this.#backends) backend.isCalm = isCalm;
    if (this.#traffic !== undefined) this.#traffic.isCalm = isCalm;
    if (this.#rotation !== undefined) this.#rotation.isCalm = isCalm;
  }

  /**
   * Nothing has failed, so no cooldown may have begun, and the budgets hold exactly the usage that the answers
   * reported.
   */
  async #judgeCalm(gateway: RunningProcess, { gotTokens }: Traffic): Promise<void> {
    const { findings } = this.#parts;
    const { attempts } = await readCounts(adminPortOf(gateway));
    for (const { name, taken } of this.#backends)
      if (attempts.get(name) !== taken)
        findings.add('ledgers', `${name}: it got ${taken} requests, of ${attempts.get(name)} attempts`);
    const text = readFileSync(gateway.logFile, 'utf8');
    const { stateChanges } = readLog(text.slice(0, text.lastIndexOf('\n') + 1));
    for (const line of stateChanges) findings.add('served', `a backend went into cooldown: ${line}`);
    const lateMs = performance.now() + SETTLE_MS;
    const others = () => {
      const months = readMonths(this.#stateFolder);
      return CLIENTS.filter((client) => months.get(client) !== gotTokens.get(client));
    };
    while (others().length > 0 && performance.now() < lateMs) await sleep(LOOK_EVERY_MS);
    const months = readMonths(this.#stateFolder);
    for (const client of others())
      findings.add(
        'ledgers',
        `${client}: its month has ${months.get(client)} tokens, it got ${gotTokens.get(client)}`,
      );
  }

  #notes(traffic: Traffic): string {
    const statuses = [...traffic.byStatus].map(([status, count]) => `${count} ${status}`).join(', ');
    const refused = this.#backends.reduce((sum, { byStatus }) => sum + (byStatus.get(401) ?? 0), 0);
    return [
      `${this.#calmRequests} requests while all went well`,
      `${this.#rotation?.rotations} keys of backends, ${refused} requests with one that was just revoked`,
      `${this.#issuer.keys} signing keys`,
      `answers: ${statuses}`,
    ].join('; ');
  }
}

function adminPortOf({ adminUrl = '' }: RunningProcess): number {
  return Number(new URL(adminUrl).port);
}
