import { isUnclear, readMembers, valueOf } from '../body/read-members.ts';
import { readOperation } from '../route/read-path.ts';
import { namesDeployment } from '../route/operations.ts';
import { type BatchDemand, type BatchProblem, DemandSum, type ProblemKind } from './batch-demand.ts';

/** A request with images may be long. */
const LONGEST_LINE = 16_777_216;
const NEWLINE = 0x0a;
const LINE: ReadonlySet<string> = new Set(['url', 'body']);

/** Reads the lines of a batch file as it arrives, and stores no more than one of them. */
export class BatchLines {
  readonly #sum: DemandSum;
  #problem: BatchProblem | undefined;
  #line: Buffer[] = [];
  #lineBytes = 0;
  /** The field of a form begins with the end of the line before it. */
  #lineNumber = 0;

  /** @param maxOutputTokens the limit on all answers of a line together; undefined for none */
  constructor(maxOutputTokens?: number) {
    this.#sum = new DemandSum(maxOutputTokens);
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (this.#problem === undefined) {
      const end = chunk.indexOf(NEWLINE, at);
      if (end === -1) return this.#keep(chunk.subarray(at));
      this.#keep(chunk.subarray(at, end));
      this.#endLine();
      at = end + 1;
    }
  }

  /** Returns the demand of all lines together; nothing after the first problem is read. */
  end(): BatchDemand {
    this.#endLine();
    return this.#sum.end(this.#problem);
  }

  #keep(part: Buffer): void {
    this.#lineBytes += part.length;
    if (this.#lineBytes > LONGEST_LINE) return this.#stop('line-too-long');
    if (part.length > 0) this.#line.push(Buffer.from(part));
  }

  #endLine(): void {
    // A file of nothing but empty lines has millions.
    if (this.#lineBytes > 0) this.#readLine();
    this.#lineNumber++;
  }

  #readLine(): void {
    const line = this.#line.length === 1 ? (this.#line[0] as Buffer) : Buffer.concat(this.#line);
    this.#line = [];
    this.#lineBytes = 0;
    if (this.#problem === undefined && line.toString('latin1').trim() !== '') {
      const problem = this.#read(line);
      if (problem !== undefined) this.#stop(problem);
    }
  }

  #stop(kind: ProblemKind): void {
    this.#problem = { line: this.#lineNumber, kind };
    this.#line = [];
  }

  #read(line: Buffer): ProblemKind | undefined {
    const members = readMembers(line, LINE);
    const body = members?.byKey.get('body');
    if (members === undefined || body?.kind !== 'object') return 'not-json';
    if (isUnclear(members)) return 'several-models';
    const content = line.subarray(body.range.start, body.range.end);
    const path = valueOf(line, members.byKey.get('url'));
    const { operation, named } = operationAt(path) ?? {};
    if (operation === undefined || !namesDeployment(operation)) return 'unknown-url';
    return this.#sum.add(operation, content, { path: String(path), deployment: named?.name });
  }
}

/** A line's URL is a path, like a request's; some leave out its first slash. */
function operationAt(url: unknown) {
  if (typeof url !== 'string') return undefined;
  return readOperation('POST', url.startsWith('/') ? url : `/${url}`);
}
