import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { readUsage } from '../../process/process-usage.ts';
import type { RunningProcess } from '../../process/start-process.ts';
import { showProgress } from '../../report/progress.ts';
import { startWideGateway, wide } from '../contestants/start-wide-gateway.ts';
import type { BenchSetup } from './bench-setup.ts';
import { takeSteadyRound, type RoundCount } from './take-steady-round.ts';

/** Scrapes, and requests beside them and without them, round by round. */
export interface ScrapeFigures {
  readonly series: number;
  readonly rounds: readonly ScrapeRound[];
}

/** One round: scrapes alone, then requests without scrapes, then both. */
interface ScrapeRound {
  /** The processor time of a scrape. */
  readonly cpuMs: number;
  /** From a scrape's request to the end of its answer, beside requests. */
  readonly scrapesMs: readonly number[];
  readonly besideMs: readonly number[];
  readonly calmMs: readonly number[];
  readonly failed: number;
}

const warmUpScrapes = 100;
const rounds = 6;
const scrapesPerRound = 20;
const scrapeEveryMs = 100;
/** Few enough that hardly a request waits for another. */
const connections = 4;
const pauseMs = 4;

interface Scraped {
  readonly gateway: RunningProcess;
  readonly dispatcher: Agent;
}

interface Requests {
  readonly durationsMs: number[];
  readonly failed: number;
}

/** Scrapes a gateway that serves a little traffic, in turns with as long a time without scrapes. */
export async function measureScrapes(setup: BenchSetup, count: RoundCount): Promise<ScrapeFigures> {
  const gateway = await startWideGateway(setup.backend.url, setup.pinning.proxy);
  const scraped = { gateway, dispatcher: new Agent({ connections }) };
  const series = await warmUp(scraped);
  const taken: ScrapeRound[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    showProgress(`scrape: round ${round} of ${rounds}`);
    taken.push(await takeSteadyRound(setup, [gateway.pid], count, () => takeRound(scraped)));
  }
  await scraped.dispatcher.close();
  await gateway.stop();
  return { series, rounds: taken };
}

async function takeRound(scraped: Scraped): Promise<ScrapeRound> {
  const before = readUsage(scraped.gateway.pid).cpuMs;
  for (let turn = 0; turn < scrapesPerRound; turn += 1) await scrape(scraped);
  const cpuMs = (readUsage(scraped.gateway.pid).cpuMs - before) / scrapesPerRound;
  const calm = await sendMeanwhile(scraped, () => sleep(scrapesPerRound * scrapeEveryMs));
  const scrapesMs: number[] = [];
  const beside = await sendMeanwhile(scraped, async () => {
    for (let turn = 0; turn < scrapesPerRound; turn += 1) {
      const startedMs = performance.now();
      await scrape(scraped);
      scrapesMs.push(performance.now() - startedMs);
      await sleep(scrapeEveryMs);
    }
  });
  const failed = calm.failed + beside.failed;
  return { cpuMs, scrapesMs, besideMs: beside.durationsMs, calmMs: calm.durationsMs, failed };
}

/** Returns how many series there are once every deployment has served every client. */
async function warmUp(scraped: Scraped): Promise<number> {
  for (const deployment of wide.deployments)
    for (const key of wide.keys) await chat(scraped, deployment, key);
  for (let count = 1; count < warmUpScrapes; count += 1) await scrape(scraped);
  const text = await scrape(scraped);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}

/** Sends requests until something else is done. */
async function sendMeanwhile(scraped: Scraped, doElse: () => Promise<void>): Promise<Requests> {
  const durationsMs: number[] = [];
  const run = { isOver: false, failed: 0 };
  const drive = async (place: number): Promise<void> => {
    for (let turn = place; !run.isOver; turn += connections) {
      const startedMs = performance.now();
      if (!(await chat(scraped, of(wide.deployments, turn), of(wide.keys, turn)))) run.failed += 1;
      durationsMs.push(performance.now() - startedMs);
      await sleep(pauseMs);
    }
  };
  const driven = Array.from({ length: connections }, (_, place) => drive(place));
  await doElse();
  run.isOver = true;
  await Promise.all(driven);
  return { durationsMs, failed: run.failed };
}

function of(names: readonly string[], turn: number): string {
  return names[turn % names.length] ?? '';
}

async function chat({ gateway, dispatcher }: Scraped, deployment: string, key: string): Promise<boolean> {
  const path = `/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21`;
  const { statusCode, body } = await request(new URL(path, gateway.url), {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/json', 'api-key': key },
    body: '{"messages":[{"role":"user","content":"How often should I water basil?"}],"max_tokens":100}',
  });
  await body.dump();
  return statusCode === 200;
}

async function scrape({ gateway: { adminUrl = '' }, dispatcher }: Scraped): Promise<string> {
  const { statusCode, body } = await request(new URL('/metrics', adminUrl), { dispatcher });
  if (statusCode !== 200) throw new Error(`/metrics answered ${statusCode}.`);
  return body.text();
}
