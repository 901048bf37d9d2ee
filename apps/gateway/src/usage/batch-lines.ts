import { readMembers, valueOf } from '../body/read-members.ts';
import { readOperation } from '../route/classify-route.ts';
import { namesDeployment } from '../route/operations.ts';
import { RequestContent } from '../route/request-content.ts';
import { exceedsCap } from './cap-output.ts';
import { expectTokens } from './expect-tokens.ts';

/** The demand of the lines of a batch file. */
export interface BatchDemand {
  /** The models that they name. */
  readonly models: ReadonlySet<string>;
  readonly requests: number;
  /** Their estimated usage, with prompts and the longest answers that they allow. */
  readonly tokens: number;
  /** The number of lines that do not limit their answer: `tokens` includes no answer for them. */
  readonly openRequests: number;
  /** Why the demand is not fully known; undefined if it is. */
  readonly problem: BatchProblem | undefined;
}

/** The problem of a line, counted from 1. */
export interface BatchProblem {
  readonly line: number;
  readonly kind: ProblemKind;
}

type ProblemKind =
  | 'not-json'
  | 'no-model'
  | 'several-models'
  | 'unknown-url'
  | 'long-answer'
  | 'line-too-long'
  | 'too-many-models';

/** A request with images may be long. */
const LONGEST_LINE = 16_777_216;
const MAX_MODELS = 1000;
const NEWLINE = 0x0a;
const LINE: ReadonlySet<string> = new Set(['url', 'body']);
const MODEL: ReadonlySet<string> = new Set(['model']);
/** The head of the request that a line stands for. */
const LINE_REQUEST = {
  method: 'POST',
  deployment: '',
  contentType: 'application/json',
  contentLength: undefined,
};
const FREE = { promptTokens: 0, outputTokens: 0 };

/** Reads the lines of a batch file as it arrives, and stores no more than one of them. */
export class BatchLines {
  readonly #models = new Set<string>();
  #requests = 0;
  #tokens = 0;
  #openRequests = 0;
  #problem: BatchProblem | undefined;
  #line: Buffer[] = [];
  #lineBytes = 0;
  /** The field of a form begins with the end of the line before it. */
  #lineNumber = 0;
  readonly #maxOutputTokens: number | undefined;

  /** @param maxOutputTokens the limit on all answers of a line together; undefined for none */
  constructor(maxOutputTokens?: number) {
    this.#maxOutputTokens = maxOutputTokens;
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
    return {
      models: this.#models,
      requests: this.#requests,
      tokens: this.#tokens,
      openRequests: this.#openRequests,
      problem: this.#problem,
    };
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
    if (this.#problem === undefined && line.toString('latin1').trim() !== '') {
      const problem = this.#read(line);
      if (problem !== undefined) this.#stop(problem);
    }
    this.#lineNumber++;
  }

  #stop(kind: ProblemKind): void {
    this.#problem = { line: this.#lineNumber, kind };
    this.#line = [];
  }

  #read(line: Buffer): ProblemKind | undefined {
    const members = readMembers(line, LINE);
    const body = members?.byKey.get('body');
    if (members === undefined || body?.kind !== 'object') return 'not-json';
    if (members.repeated.size > 0) return 'several-models';
    const content = line.subarray(body.range.start, body.range.end);
    const model = readMembers(content, MODEL);
    if (model === undefined) return 'not-json';
    if (model.repeated.size > 0) return 'several-models';
    const name = valueOf(content, model.byKey.get('model'));
    if (typeof name !== 'string' || name === '') return 'no-model';
    return this.#note(name, content, valueOf(line, members.byKey.get('url')));
  }

  #note(model: string, content: Buffer, url: unknown): ProblemKind | undefined {
    const { operation, deployment } = operationAt(url) ?? {};
    if (operation === undefined || !namesDeployment(operation)) return 'unknown-url';
    if (deployment !== '' && deployment !== model) return 'several-models';
    const most = this.#maxOutputTokens;
    if (most !== undefined && exceedsCap(content, operation, most)) return 'long-answer';
    this.#models.add(model);
    if (this.#models.size > MAX_MODELS) return 'too-many-models';
    this.#requests++;
    const { tokens, isOpen } = demandOf(operation, content);
    this.#tokens += tokens;
    if (isOpen) this.#openRequests++;
    return undefined;
  }
}

/** A line's URL is a path, like a request's; some leave out its first slash. */
function operationAt(url: unknown) {
  if (typeof url !== 'string') return undefined;
  return readOperation('POST', url.startsWith('/') ? url : `/${url}`);
}

/** Without text, such as for images, it is the usual demand; free operations have none. */
function demandOf(operation: string, body: Buffer): { readonly tokens: number; readonly isOpen: boolean } {
  const { prompt } = new RequestContent(operation, body);
  if (prompt !== undefined) {
    const { estimate, allowedTokens, isOutputOpen: isOpen } = prompt;
    return { tokens: estimate.promptTokens + (isOpen ? 0 : allowedTokens), isOpen };
  }
  const { promptTokens, outputTokens } = expectTokens({ ...LINE_REQUEST, operation, body }) ?? FREE;
  return { tokens: promptTokens + outputTokens, isOpen: false };
}
