import { isUnclear, readMembers, valueOf } from '../body/read-members.ts';
import { namesInQuery } from '../route/names-in-head.ts';
import { namesInside } from '../route/names-inside.ts';
import { RequestContent } from '../route/request-content.ts';
import { exceedsCap } from './cap-output.ts';
import { expectTokens } from './expect-tokens.ts';

/** The demand of the requests of a batch. */
export interface BatchDemand {
  /** The models that they name. */
  readonly models: ReadonlySet<string>;
  /** The deployments that they name besides, such as that of a chat's vectors. */
  readonly others: ReadonlySet<string>;
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
  readonly #others = new Set<string>();
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
   * @param place its path and query, and the deployment that its path names; empty where there is none
   */
  add(operation: string, body: Buffer, { path = '', deployment = '' } = {}): ProblemKind | undefined {
    const members = readMembers(body, MODEL);
    if (members === undefined) return 'not-json';
    if (isUnclear(members)) return 'several-models';
    const model = valueOf(body, members.byKey.get('model'));
    if (typeof model !== 'string' || model === '') return 'no-model';
    if (deployment !== '' && deployment !== model) return 'several-models';
    const most = this.#maxOutputTokens;
    if (most !== undefined && exceedsCap(body, operation, most)) return 'long-answer';
    const content = new RequestContent(operation, body);
    this.#models.add(model);
    for (const name of [...namesInside({ operation, content }), ...namesInQuery(path)])
      this.#others.add(name);
    if (Math.max(this.#models.size, this.#others.size) > MAX_MODELS) return 'too-many-models';
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
      others: this.#others,
      requests: this.#requests,
      tokens: this.#tokens,
      openRequests: this.#openRequests,
      problem,
    };
  }
}

/** Without text, such as for images, it is the usual demand; free operations have none. */
function demandOf(
  operation: string,
  { body, prompt }: RequestContent,
): { readonly tokens: number; readonly isOpen: boolean } {
  if (prompt !== undefined) {
    const { estimate, allowedTokens, isOutputOpen: isOpen } = prompt;
    return { tokens: estimate.promptTokens + (isOpen ? 0 : allowedTokens), isOpen };
  }
  const { promptTokens, outputTokens } = expectTokens({ ...LINE_REQUEST, operation, body }) ?? FREE;
  return { tokens: promptTokens + outputTokens, isOpen: false };
}
