import { setTimeout as sleep } from 'node:timers/promises';
import { startGateway, type StartOptions } from '../../process/start-gateway.ts';
import type { RunningProcess } from '../../process/start-process.ts';
import { Chance } from '../chance.ts';
import { Answers } from '../evidence/answers.ts';
import { Arrivals } from '../evidence/arrivals.ts';
import { Findings } from '../evidence/findings.ts';
import { ask, askChat, askReport, readHoldings } from '../evidence/gateway-probe.ts';
import { judgeHoldings, type Moment } from '../evidence/judge-holdings.ts';
import { LogJudge } from '../evidence/judge-log.ts';
import { makeMarker } from '../marker.ts';
import { RawBackend } from '../peers/raw-backend.ts';
import { serveWell } from '../peers/serve-well.ts';
import type { Program, Result, RunOptions, Stage } from '../programs/program.ts';
import { runCases, type OnProgress } from './run-cases.ts';
import { tailFile } from './tail-file.ts';

/** After the last client has left, everything has to be over within this time. */
const SETTLE_MS = 10_000;
const LOOK_EVERY_MS = 100;
const WARM_UP_CHATS = 20;
/** The case of the ordinary chats, which belongs to no program. */
const ORDINARY = 99_999_999;

/** Runs a program with a gateway of its own, and checks the invariants at its end. */
export async function runProgram(
  program: Program,
  options: RunOptions,
  onProgress: OnProgress,
): Promise<Result> {
  const run = new ProgramRun(program, options);
  try {
    return await run.run(onProgress);
  } finally {
    await run.end();
  }
}

class ProgramRun {
  readonly #program: Program;
  readonly #options: RunOptions;
  readonly #findings = new Findings();
  readonly #arrivals = new Arrivals(this.#findings);
  readonly #answers = new Answers(this.#findings);
  readonly #log = new LogJudge(this.#findings, (id) => this.#answers.ids.get(id));
  readonly #backends: RawBackend[];
  #gateway: RunningProcess | undefined;
  #isCalm = true;
  #chats = 0;

  constructor(program: Program, options: RunOptions) {
    this.#program = program;
    this.#options = options;
    const parts = { findings: this.#findings, arrivals: this.#arrivals, answers: this.#answers };
    const behave = program.behaviourOf({ seed: options.seed, ...parts });
    const chance = new Chance('calm');
    this.#backends = program.backends.map(
      ({ name }) =>
        new RawBackend(
          name,
          (call, moment) => {
            if (!this.#isCalm) behave(call, moment);
            else if (moment === 'whole') serveWell(call, this.#answers, chance);
          },
          parts,
        ),
    );
  }

  async run(onProgress: OnProgress): Promise<Result> {
    const { seed } = this.#options;
    const startedMs = performance.now();
    const { port, gateway } = await this.#start();
    for (let i = 0; i < WARM_UP_CHATS; i++) await this.#chat(port);
    const before = await this.#look(gateway);
    this.#isCalm = false;
    const stage: Stage = {
      seed,
      port,
      findings: this.#findings,
      arrivals: this.#arrivals,
      answers: this.#answers,
    };
    const cases = await runCases(this.#program, stage, this.#options, onProgress);
    await this.#program.end?.();
    this.#isCalm = true;
    const after = await this.#settle(port, gateway, before);
    return {
      program: this.#program,
      cases,
      answers: this.#answers.count,
      arrivals: this.#arrivals.count,
      logLines: this.#log.lineCounts.size,
      grownBytes: (after?.holdings.residentBytes ?? Number.NaN) - before.holdings.residentBytes,
      seconds: (performance.now() - startedMs) / 1000,
      findings: this.#findings,
    };
  }

  async end(): Promise<void> {
    await this.#gateway?.stop();
    await Promise.all(this.#backends.map((backend) => backend.close()));
  }

  async #start(): Promise<{ port: number; gateway: RunningProcess }> {
    const urls = await Promise.all(this.#backends.map((backend) => backend.listen()));
    const backends = this.#program.backends.map((backend, i) => ({ ...backend, url: urls[i] ?? '' }));
    const { node, gateway: file } = this.#options;
    const start: StartOptions = { settings: this.#program.settings, node, file };
    const gateway = await startGateway(backends, start);
    this.#gateway = gateway;
    return { gateway, port: Number(new URL(gateway.url).port) };
  }

  /** Resolves when everything is over, or the time is: then anything still open is a finding. */
  async #settle(port: number, gateway: RunningProcess, before: Moment): Promise<Moment | undefined> {
    for (const backend of this.#backends) backend.calm();
    const lateMs = performance.now() + SETTLE_MS;
    const readMore = tailFile(gateway.logFile);
    for (;;) {
      const isLate = performance.now() > lateMs;
      const attempt = new Findings();
      const status = await this.#chat(port);
      if (status !== 200) attempt.add('alive', `an ordinary chat is answered with ${status}`);
      const after = await this.#lookAgain(port, gateway, attempt);
      if (after !== undefined) judgeHoldings(before, after, attempt);
      this.#log.push(readMore());
      for (const id of this.#log.missing(this.#answers.ids.keys()))
        attempt.add('log lines', `there is none of ${id}`, this.#answers.ids.get(id));
      if (attempt.kept.length === 0 || isLate || gateway.hasExited()) {
        for (const { invariant, text, caseIndex } of attempt.kept)
          this.#findings.add(invariant, text, caseIndex);
        if (gateway.hasExited())
          this.#findings.add('alive', `the gateway has exited: ${readMore().slice(-2000)}`);
        return after;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  async #chat(port: number): Promise<number | string> {
    this.#chats += 1;
    const marker = makeMarker(ORDINARY, this.#chats);
    this.#arrivals.send(marker);
    return askChat(port, marker).catch((error: unknown) => String(error));
  }

  async #lookAgain(port: number, gateway: RunningProcess, findings: Findings): Promise<Moment | undefined> {
    try {
      const { status } = await ask(port, '/healthz');
      if (status !== 200) findings.add('alive', `/healthz answers ${status}`);
      return await this.#look(gateway);
    } catch (error) {
      findings.add('alive', String(error));
      return undefined;
    }
  }

  async #look({ pid, adminUrl = '' }: RunningProcess): Promise<Moment> {
    const report = await askReport(Number(new URL(adminUrl).port));
    const openAtBackends = this.#backends.reduce((sum, { openCount }) => sum + openCount, 0);
    return {
      report,
      holdings: readHoldings(pid),
      openAtBackends,
      busyAtBackends: this.#backends.flatMap(({ name, busy }) => busy.map((text) => `${name}, ${text}`)),
    };
  }
}
