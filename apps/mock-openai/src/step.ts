import type { ThrottleText } from './bodies/throttle-text.ts';

/** What the mock does with one request. */
export type Step =
  /** Answers at once, as Azure does when all is well. */
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
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Resets the connection (TCP RST): before the answer, or `afterBytes` or `afterChunks` of its body. */
  | {
      readonly kind: 'reset';
      readonly delayMs?: number;
      readonly afterBytes?: number;
      readonly afterChunks?: number;
    }
  /** Ends the answer cleanly after `afterChunks` (2) chunks: a stream without its end, or half a JSON body. */
  | { readonly kind: 'truncate'; readonly delayMs?: number; readonly afterChunks?: number };

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
  /** The seconds that the text names, where they are not those of the headers. */
  readonly textSeconds?: number;
  /** Further headers; they win over the ones above. */
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

/** A step and how long it lasts. */
export type ScriptStep = Step & StepLength;

/** What an instance does, step after step; when it is used up the mock answers ok. */
export type Script = readonly ScriptStep[];
