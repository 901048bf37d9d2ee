import type { StreamError } from '../azure/error-event.ts';
import type { ThrottleText } from '../azure/throttle-text.ts';

/** The mock's action for one request. */
export type Step =
  /** Answers as Azure does when all is well, within the quota and at the model's speed. */
  | { readonly kind: 'ok' }
  /** Answers well but late: `delayMs` before the headers, then a stream of `chunks` every `chunkDelayMs` (100). */
  | {
      readonly kind: 'slow';
      readonly delayMs?: number;
      readonly chunkDelayMs?: number;
      readonly chunks?: number;
    }
  | ThrottleStep
  | StatusStep
  /** Sends the client elsewhere, with `status` (307). */
  | {
      readonly kind: 'redirect';
      readonly location: string;
      readonly status?: number;
      readonly delayMs?: number;
    }
  | ErrorStep
  /** Ends the answer after `afterTokens` (3) because the content filter blocks what follows; its status stays 200. */
  | { readonly kind: 'block'; readonly delayMs?: number; readonly afterTokens?: number }
  | ConnectionStep;

/** Faults of the connection, or of the bytes on it. */
export type ConnectionStep =
  /** Closes the port for the step's time; with a count, resets that many connections before it reads from them. */
  | { readonly kind: 'refuse' }
  /** Accepts the request and never answers, or sends nothing after `afterBytes` or `afterChunks` of the body. */
  | {
      readonly kind: 'hang';
      readonly delayMs?: number;
      readonly afterBytes?: number;
      readonly afterChunks?: number;
    }
  /** Resets the connection (TCP RST): before the answer, within its headers, or within its body. */
  | {
      readonly kind: 'reset';
      readonly delayMs?: number;
      readonly afterHeaderBytes?: number;
      readonly afterBytes?: number;
      readonly afterChunks?: number;
    }
  /**
   * Ends the answer after `afterChunks` (2) chunks: cleanly, as a stream without its end or half a JSON body, or, when
   * `isAbrupt`, by closing the connection (TCP FIN) before the announced length is reached.
   */
  | {
      readonly kind: 'truncate';
      readonly delayMs?: number;
      readonly afterChunks?: number;
      readonly isAbrupt?: boolean;
    }
  /** Sends `text` in place of the status line, and closes the connection. */
  | { readonly kind: 'garbage'; readonly delayMs?: number; readonly text?: string }
  /** Sends a good answer, headers included, `bytes` (1) at a time every `everyMs` (100). */
  | { readonly kind: 'drip'; readonly delayMs?: number; readonly bytes?: number; readonly everyMs?: number }
  /** Answers well, then closes the kept connection: `afterMs` (0) later when `idle`, or by a reset at the next request on it. */
  | { readonly kind: 'stale'; readonly at?: 'next-request' | 'idle'; readonly afterMs?: number }
  /** Answers well with `bytes` (100,000) of additional headers. */
  | { readonly kind: 'huge-headers'; readonly delayMs?: number; readonly bytes?: number }
  /** Answers well with `Content-Encoding: gzip`; each chunk of a stream can be read when it comes. */
  | { readonly kind: 'gzip'; readonly delayMs?: number };

/** An error event in a stream that began well, which then ends without `[DONE]`; a plain answer is a 500 with the same error. */
export interface ErrorStep extends StreamError {
  readonly kind: 'error';
  /** How many chunks come before it; 2 by default, which is before the first content. */
  readonly afterChunks?: number;
  readonly delayMs?: number;
}

/** 429 in Azure's words; without any timing field it carries `Retry-After: 10`. */
export interface ThrottleStep {
  readonly kind: 'throttle';
  /** `Retry-After` in seconds, sent as written (decimals and negatives too), or `false` for no such header. */
  readonly retryAfterSeconds?: number | false;
  /** `retry-after-ms`. */
  readonly retryAfterMs?: number;
  /** `x-ratelimit-reset-requests`, such as `4` or `"6m0s"`. */
  readonly resetRequests?: number | string;
  /** `x-ratelimit-reset-tokens`. */
  readonly resetTokens?: number | string;
  /** Which of Azure's texts the body carries; `token-rate` by default. */
  readonly text?: ThrottleText;
  /** Sent instead of one of Azure's texts. */
  readonly message?: string;
  /** The seconds named in the text, where they differ from those of the headers. */
  readonly textSeconds?: number;
  /** Whether `policy-id` names the limit, as Azure does (true). */
  readonly hasPolicy?: boolean;
  /** Additional headers, which override those above. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
}

/** Any status, with the body that Azure gives it unless `body` says otherwise. */
export interface StatusStep {
  readonly kind: 'status';
  readonly status: number;
  /** Picks among Azure's bodies for a status, such as `content_filter` or `invalid_request_error` for 400. */
  readonly code?: string;
  /** Sent instead of Azure's body: text as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
}

/** How long a step of a script lasts: `times` requests, `forMs` milliseconds, or always when neither is given. */
export interface StepLength {
  readonly times?: number;
  readonly forMs?: number;
}

/**
 * A step and how long it lasts. A step with a `chance` (0.1 is every tenth request) does not hold up the script: once
 * reached it takes its share of the requests, for its length, and the others get the step after it.
 */
export type ScriptStep = Step & StepLength & { readonly chance?: number };

/** The behaviour of an instance, step after step; when it is used up the mock answers ok. */
export type Script = readonly ScriptStep[];
