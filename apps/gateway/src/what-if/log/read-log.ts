import { createInterface } from 'node:readline';
import { checkMemory } from './check-memory.ts';
import type { LoggedRequest } from './logged-request.ts';
import { openLog, OtherPacking } from './open-log.ts';
import { parseLine } from './parse-line.ts';
import { withoutRepeated } from './without-repeated.ts';

/** An unreadable line; its content is not repeated. */
interface WrongLine {
  readonly file: string;
  /** From 1. */
  readonly number: number;
  readonly problem: string;
}

/** A packed log that cannot be unpacked to its end. */
interface DamagedLog {
  readonly file: string;
  /** The number of lines read before. */
  readonly lines: number;
  readonly reason: string;
}

/** The position of a request's line. */
export interface RequestPlace {
  readonly file: string;
  /** From 1. */
  readonly number: number;
  readonly arrivedMs: number;
}

/** Everything in the logs that a replay needs. */
export interface LogContents {
  /** In the order of arrival. */
  readonly requests: readonly LoggedRequest[];
  readonly wrong: readonly WrongLine[];
  readonly damaged: readonly DamagedLog[];
  /** The positions of the first and the last request. */
  readonly ends: readonly RequestPlace[];
  /** The number of requests left out, by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** The number of lines that the gateway reports as lost. */
  readonly lostLines: number;
}

/**
 * Reads logs of the gateway, such as those of its replicas or of several days, packed or not.
 *
 * @throws Error that names the file if one cannot be read, or if they have too many requests for the memory; a file that
 *   cannot be unpacked to its end is reported
 */
export async function readLogs(files: readonly string[]): Promise<LogContents> {
  const reading = new Reading();
  for (const file of files) await readLog(file, reading);
  const { wrong, damaged, leftOut, lostLines, earliest, latest } = reading;
  const all = reading.requests.sort((one, other) => one.arrivedMs - other.arrivedMs);
  const requests = withoutRepeated(all);
  if (requests.length < all.length) leftOut.set(REPEATED, all.length - requests.length);
  const ends = [earliest, latest].filter((place) => place !== undefined);
  return { requests, wrong, damaged, ends, leftOut, lostLines };
}

/** How many requests are read between two looks at the memory. */
const CHECKED_EVERY = 10_000;
const REPEATED = 'that the logs have more than once';

/** The result of the reading so far. */
class Reading {
  readonly requests: LoggedRequest[] = [];
  readonly wrong: WrongLine[] = [];
  readonly damaged: DamagedLog[] = [];
  readonly leftOut = new Map<string, number>();
  lostLines = 0;
  earliest: RequestPlace | undefined;
  latest: RequestPlace | undefined;

  add(line: string, file: string, number: number): void {
    const parsed = parseLine(line);
    if (parsed.kind === 'request') this.#addRequest(parsed.request, file, number);
    else if (parsed.kind === 'wrong') this.wrong.push({ file, number, problem: parsed.problem });
    else if (parsed.kind === 'lost') this.lostLines += parsed.lines;
    else if (parsed.kind === 'left-out')
      this.leftOut.set(parsed.reason, (this.leftOut.get(parsed.reason) ?? 0) + 1);
  }

  #addRequest(request: LoggedRequest, file: string, number: number): void {
    const { arrivedMs } = request;
    if (this.requests.push(request) % CHECKED_EVERY === 0) checkMemory(this.requests.length);
    if (arrivedMs < (this.earliest?.arrivedMs ?? Infinity)) this.earliest = { file, number, arrivedMs };
    if (arrivedMs > (this.latest?.arrivedMs ?? -Infinity)) this.latest = { file, number, arrivedMs };
  }
}

async function readLog(file: string, reading: Reading): Promise<void> {
  let number = 0;
  try {
    const input = await openLog(file);
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      if (line.trim() !== '') reading.add(line, file, number);
    }
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    if (!reason.startsWith('Z_'))
      throw new Error(`--log: "${file}" cannot be read (${reason})`, { cause: error });
    reading.damaged.push({ file, lines: number, reason });
  }
}

/** Returns why a file cannot be read; `undefined` if the reason is not the file. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof OtherPacking) return error.message;
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
