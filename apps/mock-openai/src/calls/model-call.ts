import type { Form } from '../http/read-form.ts';
import type { ContentFilter } from '../latency/paced-frames.ts';
import type { PromptCache } from '../prompt-cache/prompt-cache.ts';
import type { StoredObjects } from '../stored/stored-objects.ts';

/** A call of a model, past every check: what an operation's body is made from. */
export interface ModelCall {
  readonly deployment: string;
  /** The request's JSON as the client sent it, or the fields of its form. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The form, with its files, when the client sent one. */
  readonly form?: Form | undefined;
  /** Whose name the reply says. */
  readonly mockName: string;
  /** How long a reply is when the request does not say. */
  readonly completionTokens: number;
  /** How many chunks a stream has, whatever the request says. */
  readonly chunks: number | undefined;
  /** How the content filter lets a stream through; `default` when left out. */
  readonly contentFilter?: ContentFilter | undefined;
  /** After how many tokens the content filter blocks the reply; it does not when left out. */
  readonly blockedAfter?: number | undefined;
  /** What the mock keeps between requests. */
  readonly stored: StoredObjects;
  /** What its deployments remember of prompts. */
  readonly promptCache: PromptCache;
}

/** A call as far as its prompt depends on it. */
export type PromptCall = Pick<ModelCall, 'deployment' | 'body' | 'stored'>;

/** A call that needs no deployment: of what the mock keeps. */
export interface ObjectCall extends Omit<ModelCall, 'deployment' | 'promptCache'> {
  /** What stands in the path for each `{id}`. */
  readonly ids: readonly string[];
  readonly query: URLSearchParams;
  /** Asks the same resource something else, as the lines of a batch do. */
  readonly ask: (url: string, body: Readonly<Record<string, unknown>>) => AskedAnswer;
}

/** What the resource answers when it asks itself. */
export interface AskedAnswer {
  readonly status: number;
  readonly body: string;
}

/** An operation's answer; its status is 200, and 400 of an invalid call, unless it says otherwise. */
export type ModelAnswer =
  | { readonly kind: 'json'; readonly body: string; readonly status?: number }
  | { readonly kind: 'events'; readonly frames: Iterable<string> }
  | { readonly kind: 'text'; readonly contentType: string; readonly body: string }
  | { readonly kind: 'binary'; readonly contentType: string; readonly body: Buffer }
  | InvalidAnswer;

/** What OpenAI's shape of an error tells. */
export interface InvalidAnswer {
  readonly kind: 'invalid';
  readonly message: string;
  readonly param: string | null;
  readonly code?: string;
  readonly status?: number;
}

/** Tells how many tokens to reply with and why the reply ends there: the shorter of what was asked and the usual. */
export function replyLength(call: Pick<ModelCall, 'body' | 'completionTokens' | 'chunks'>): {
  readonly tokens: number;
  readonly reason: 'stop' | 'length';
} {
  if (call.chunks !== undefined) return { tokens: call.chunks, reason: 'stop' };
  const asked =
    call.body['max_completion_tokens'] ?? call.body['max_tokens'] ?? call.body['max_output_tokens'];
  return typeof asked === 'number' && asked >= 1 && asked < call.completionTokens
    ? { tokens: Math.floor(asked), reason: 'length' }
    : { tokens: call.completionTokens, reason: 'stop' };
}

/** Tells whether a stream was asked for, and whether with its usage at the end. */
export function streamWish(call: Pick<ModelCall, 'body'>): {
  readonly isStream: boolean;
  readonly withUsage: boolean;
} {
  const options = call.body['stream_options'];
  const withUsage = typeof options === 'object' && options !== null && 'include_usage' in options;
  return { isStream: call.body['stream'] === true, withUsage: withUsage && options.include_usage === true };
}
