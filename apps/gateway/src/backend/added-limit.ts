import { type AttemptResult, deploymentKey, judgeOutcome } from '@spillway/core';
import { editBody } from '../body/body-edit.ts';
import type { ByteRange } from '../body/byte-range.ts';

/** The two names of a chat completion's limit. Some deployments know only one of them. */
const NAMES = ['max_completion_tokens', 'max_tokens'];
const NAMED = /\bmax_(?:completion_)?tokens\b/;
/** Clients can name any number of deployments. */
const MAX_REMEMBERED = 1000;

/** A backend's deployments that have taken one of the names after they refused the other. */
export type LimitNames = Map<string, string>;

/** A request, and where the name of a limit is that the gateway has added to its body. */
export interface LimitedRequest {
  readonly body: Buffer | undefined;
  readonly addedLimit?: ByteRange | undefined;
}

/**
 * The limit that the gateway has added to a request for a deployment. If its name is refused, the request is sent once
 * more with the other; never without.
 */
export class AddedLimit<R extends LimitedRequest> {
  readonly #request: R;
  readonly #known: LimitNames;
  readonly #deployment: string;
  readonly #bodyOf: (request: R) => Buffer | undefined;
  #name: string | undefined;
  #wasRefused = false;

  /** @param bodyOf returns the body of a request as it is sent */
  constructor(
    request: R,
    { limitNames }: { readonly limitNames: LimitNames },
    deployment: string,
    bodyOf: (request: R) => Buffer | undefined,
  ) {
    this.#request = request;
    this.#known = limitNames;
    this.#deployment = deploymentKey(deployment);
    this.#bodyOf = bodyOf;
    this.#name = limitNames.get(this.#deployment);
  }

  /** The request with the name that the deployment takes, as far as is known. */
  get request(): R {
    return this.#name === undefined ? this.#request : rename(this.#request, this.#name);
  }

  /** Returns the body with the other name; undefined unless this is the first answer, and refuses the name. */
  bodyAfter(answer: AttemptResult): Buffer | undefined {
    if (this.#wasRefused || !refusesLimit(answer)) return undefined;
    this.#wasRefused = true;
    const refused = this.#name ?? nameIn(this.#request);
    this.#name = NAMES.find((name) => name !== refused);
    return this.#bodyOf(this.request);
  }

  /** Remembers the other name if the deployment has served the request with that. */
  note(result: AttemptResult): void {
    if (!this.#wasRefused || this.#name === undefined || judgeOutcome(result).kind !== 'succeeded') return;
    if (this.#known.size < MAX_REMEMBERED) this.#known.set(this.#deployment, this.#name);
  }
}

/** The client has named no limit, so a refusal that names one is about the gateway's. */
function refusesLimit(answer: AttemptResult): boolean {
  if (answer.kind !== 'answered' || !NAMED.test(answer.bodyText ?? '')) return false;
  const { kind } = judgeOutcome(answer);
  return kind === 'rejected' || kind === 'declined';
}

function nameIn({ body, addedLimit }: LimitedRequest): string | undefined {
  return addedLimit && body?.toString('latin1', addedLimit.start, addedLimit.end);
}

function rename<R extends LimitedRequest>(request: R, name: string): R {
  const { body, addedLimit } = request;
  if (body === undefined || addedLimit === undefined) return request;
  return { ...request, body: editBody(body, [{ ...addedLimit, text: name }]) };
}
