import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { LoggedRequest } from './logged-request.ts';
import { parseLine } from './parse-line.ts';

/** A line that could not be read; what it says is not repeated. */
interface WrongLine {
  readonly file: string;
  /** From 1. */
  readonly number: number;
  readonly problem: string;
}

/** All that logs hold for a replay. */
export interface LogContents {
  /** In the order in which they came. */
  readonly requests: readonly LoggedRequest[];
  readonly wrong: readonly WrongLine[];
  /** How many requests were left out, by the reason. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** How many lines the gateway says it could not write. */
  readonly lostLines: number;
}

/**
 * Reads logs of the gateway, such as those of its replicas or of several days; packed ones end in `.gz`.
 *
 * @throws Error that names the file if one cannot be read
 */
export async function readLogs(files: readonly string[]): Promise<LogContents> {
  const requests: LoggedRequest[] = [];
  const wrong: WrongLine[] = [];
  const leftOut = new Map<string, number>();
  let lostLines = 0;
  for (const file of files) {
    let number = 0;
    for await (const line of linesOf(file)) {
      number += 1;
      if (line.trim() === '') continue;
      const parsed = parseLine(line);
      if (parsed.kind === 'request') requests.push(parsed.request);
      else if (parsed.kind === 'wrong') wrong.push({ file, number, problem: parsed.problem });
      else if (parsed.kind === 'lost') lostLines += parsed.lines;
      else if (parsed.kind === 'left-out') leftOut.set(parsed.reason, (leftOut.get(parsed.reason) ?? 0) + 1);
    }
  }
  requests.sort((one, other) => one.arrivedMs - other.arrivedMs);
  return { requests, wrong, leftOut, lostLines };
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file);
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  try {
    // An error of the file does not pass through a pipe by itself.
    bytes.once('error', (error) => input.destroy(error));
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Error(`--log: "${file}" cannot be read (${reason})`, { cause: error });
  }
}
