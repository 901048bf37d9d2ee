import { readMembers } from '../body/read-members.ts';
import { RequestContent } from '../route/request-content.ts';

/** What the lines of a file for batches ask for. */
export interface BatchDemand {
  /** The models that they name. */
  readonly models: ReadonlySet<string>;
  readonly requests: number;
  /** What they may take, prompts and the longest answers that they allow, estimated. */
  readonly tokens: number;
  /** Why not all of it is known; undefined if it is. */
  readonly problem: BatchProblem | undefined;
}

/** A line that is no JSON, names no model or more than one, or is too long; or too many models. */
export type BatchProblem = 'not-json' | 'no-model' | 'several-models' | 'line-too-long' | 'too-many-models';

/** A request with images may be long. */
const LONGEST_LINE = 16_777_216;
const MAX_MODELS = 1000;
const NEWLINE = 0x0a;
const LINE: ReadonlySet<string> = new Set(['url', 'body']);
const MODEL: ReadonlySet<string> = new Set(['model']);

/** Reads the lines of a file for batches as it comes, and keeps no more than one of them. */
export class BatchLines {
  readonly #models = new Set<string>();
  #requests = 0;
  #tokens = 0;
  #problem: BatchProblem | undefined;
  #line: Buffer[] = [];
  #lineBytes = 0;

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

  /** Returns what all lines together ask for; nothing behind the first problem is looked at. */
  end(): BatchDemand {
    this.#endLine();
    const problem = this.#problem;
    return { models: this.#models, requests: this.#requests, tokens: this.#tokens, problem };
  }

  #keep(part: Buffer): void {
    this.#lineBytes += part.length;
    if (this.#lineBytes > LONGEST_LINE) return this.#stop('line-too-long');
    if (part.length > 0) this.#line.push(Buffer.from(part));
  }

  #endLine(): void {
    const line = this.#line.length === 1 ? (this.#line[0] as Buffer) : Buffer.concat(this.#line);
    this.#line = [];
    this.#lineBytes = 0;
    if (this.#problem !== undefined || line.toString('latin1').trim() === '') return;
    const problem = this.#read(line);
    if (problem !== undefined) this.#stop(problem);
  }

  #stop(problem: BatchProblem): void {
    this.#problem = problem;
    this.#line = [];
  }

  #read(line: Buffer): BatchProblem | undefined {
    const members = readMembers(line, LINE);
    const body = members?.byKey.get('body');
    if (members === undefined || body?.kind !== 'object') return 'not-json';
    if (members.repeated.size > 0) return 'several-models';
    const content = line.subarray(body.range.start, body.range.end);
    const model = readMembers(content, MODEL);
    if (model === undefined) return 'not-json';
    if (model.repeated.size > 0) return 'several-models';
    const { start = 0, end = 0 } = model.byKey.get('model')?.range ?? {};
    const name = parse(content.toString('utf8', start, end));
    if (typeof name !== 'string' || name === '') return 'no-model';
    this.#models.add(name);
    if (this.#models.size > MAX_MODELS) return 'too-many-models';
    const { start: from = 0, end: to = 0 } = members.byKey.get('url')?.range ?? {};
    const { estimate, allowedTokens = 0 } =
      new RequestContent(operationOf(parse(line.toString('utf8', from, to))), content).prompt ?? {};
    this.#requests++;
    this.#tokens += (estimate?.promptTokens ?? 0) + allowedTokens;
    return undefined;
  }
}

/** A line's URL is a path, with or without the prefix of v1. */
function operationOf(url: unknown): string {
  return String(url ?? '')
    .replace(/^\/+(?:openai\/+)?(?:v1\/+)?/, '')
    .replace(/[?#].*$/s, '');
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
