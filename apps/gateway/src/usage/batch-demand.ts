import { readMembers, valueOf } from '../body/read-members.ts';
import { RequestContent } from '../route/request-content.ts';
import { exceedsCap } from './cap-output.ts';
import { expectTokens } from './expect-tokens.ts';

/** The demand of the requests of a batch. */
export interface BatchDemand {
  /** The models that they name. */
  readonly models: ReadonlySet<string>;
  readonly requests: number;
  /** Their estimated usage, with prompts and the longest answers that they allow. */
  readonly tokens: number;
  /** The number of requests that do not limit their answer: `tokens` includes no answer for them. */
  readonly openRequests: number;
  /** Why the demand is not fully known; undefined if it is. */
  readonly problem: BatchProblem | undefined;
}

/** The problem of a line, or of a request in a list, counted from 1. */
export interface BatchProblem {
  readonly line: number;
  readonly kind: ProblemKind;
}

export type ProblemKind =
  | 'not-json'
  | 'no-model'
  | 'several-models'
  | 'unknown-url'
  | 'long-answer'
  | 'line-too-long'
  | 'too-many-models';

const MAX_MODELS = 1000;
const MODEL: ReadonlySet<string> = new Set(['model']);
/** The head of the request that a line stands for. */
const LINE_REQUEST = {
  method: 'POST',
  deployment: '',
  contentType: 'application/json',
  contentLength: undefined,
};
const FREE = { promptTokens: 0, outputTokens: 0 };

/** Adds up the demand of requests, one after another. */
export class DemandSum {
  readonly #models = new Set<string>();
  #requests = 0;
  #tokens = 0;
  #openRequests = 0;
  readonly #maxOutputTokens: number | undefined;

  /** @param maxOutputTokens the limit on all answers of a request together; undefined for none */
  constructor(maxOutputTokens?: number) {
    this.#maxOutputTokens = maxOutputTokens;
  }

  /**
   * Adds a request. Returns its problem if it has one, and is not added.
   *
   * @param deployment that its path names; empty if it names none
   */
  add(operation: string, content: Buffer, deployment = ''): ProblemKind | undefined {
    const members = readMembers(content, MODEL);
    if (members === undefined) return 'not-json';
    if (members.repeated.size > 0) return 'several-models';
    const model = valueOf(content, members.byKey.get('model'));
    if (typeof model !== 'string' || model === '') return 'no-model';
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

  /** @param problem of the first request that was not added */
  end(problem: BatchProblem | undefined): BatchDemand {
    return {
      models: this.#models,
      requests: this.#requests,
      tokens: this.#tokens,
      openRequests: this.#openRequests,
      problem,
    };
  }
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
