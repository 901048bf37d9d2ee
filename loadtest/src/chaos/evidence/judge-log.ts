import type { Findings } from './findings.ts';

/** An error, or worse. */
const MIN_SEVERE_LEVEL = 50;
/** Node's own output on standard error, which goes to the log's file too. */
const NODE_WARNING = /^\((?:node:\d+\) |Use `node )/;
const INSIDE = /^an error escaped$|failed inside the gateway$/;

/** Checks the gateway's log as it grows: JSON, one object per line. */
export class LogJudge {
  /** How many request lines there were for each id. */
  readonly lineCounts = new Map<string, number>();
  readonly #findings: Findings;
  readonly #caseOf: (id: string) => number | undefined;
  #rest = '';

  /** @param caseOf the case in which a client saw this id */
  constructor(findings: Findings, caseOf: (id: string) => number | undefined) {
    this.#findings = findings;
    this.#caseOf = caseOf;
  }

  /** Reads the lines written since the last time. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#judge(line);
  }

  /** Returns the answered ids without a line. */
  missing(ids: Iterable<string>): string[] {
    return [...ids].filter((id) => !this.lineCounts.has(id));
  }

  #judge(line: string): void {
    if (NODE_WARNING.test(line)) return;
    const entry = parse(line);
    if (entry === undefined)
      return this.#findings.add('log lines', `no JSON: ${JSON.stringify(line.slice(0, 2000))}`);
    const { level, msg, id } = entry;
    const caseIndex = typeof id === 'string' ? this.#caseOf(id) : undefined;
    if (Number(level) >= MIN_SEVERE_LEVEL || (typeof msg === 'string' && INSIDE.test(msg)))
      this.#findings.add('log lines', `an error: ${line}`, caseIndex);
    if (msg !== 'request' || typeof id !== 'string') return;
    const count = (this.lineCounts.get(id) ?? 0) + 1;
    this.lineCounts.set(id, count);
    if (count === 2) this.#findings.add('log lines', `there are two of ${id}: ${line}`, caseIndex);
  }
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
