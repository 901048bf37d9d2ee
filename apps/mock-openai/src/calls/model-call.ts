import type { Form } from '../http/read-form.ts';
import type { ContentFilter } from '../latency/paced-frames.ts';
import type { PromptCache } from '../prompt-cache/prompt-cache.ts';
import type { StoredObjects } from '../stored/stored-objects.ts';

/** A call of a model, past every check: the input of an operation's body. */
export interface ModelCall {
  readonly deployment: string;
  /** The request's JSON as the client sent it, or the fields of its form. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The form, with its files, when the client sent one. */
  readonly form?: Form | undefined;
  /** The model name in the reply. */
  readonly mockName: string;
  /** The length of a reply when the request does not say. */
  readonly completionTokens: number;
  /** The number of chunks of a stream, whatever the request says. */
  readonly chunks: number | undefined;
  /** How the content filter lets a stream through; `default` when left out. */
  readonly contentFilter?: ContentFilter | undefined;
  /** After how many tokens the content filter blocks the reply; it does not when left out. */
  readonly blockedAfter?: number | undefined;
  /** The objects that the mock keeps between requests. */
  readonly stored: StoredObjects;
  /** Its deployments' memory of prompts. */
  readonly promptCache: PromptCache;
}

/** The parts of a call that its prompt depends on. */
export type PromptCall = Pick<ModelCall, 'deployment' | 'body' | 'stored'>;

/** A call without a deployment: about objects that the mock keeps. */
export interface ObjectCall extends Omit<ModelCall, 'deployment' | 'promptCache'> {
  /** The path's value for each `{id}`. */
  readonly ids: readonly string[];
  readonly query: URLSearchParams;
  /** Sends another request to the same resource, as the lines of a batch do. */
  readonly ask: (url: string, body: Readonly<Record<string, unknown>>) => AskedAnswer;
}

/** The resource's answer to its own request. */
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

/** The contents of an error in OpenAI's shape. */
export interface InvalidAnswer {
  readonly kind: 'invalid';
  readonly message: string;
  readonly param: string | null;
  readonly code?: string;
  readonly status?: number;
}

/**
 * Returns how many tokens to reply with and why the reply ends there: the requested or the usual length, whichever is
 * shorter.
 */
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

/** Returns whether a stream was asked for, and whether with its usage at the end. */
export function streamWish(call: Pick<ModelCall, 'body'>): {
  readonly isStream: boolean;
  readonly withUsage: boolean;
} {
  const options = call.body['stream_options'];
  const withUsage = typeof options === 'object' && options !== null && 'include_usage' in options;
  return { isStream: call.body['stream'] === true, withUsage: withUsage && options.include_usage === true };
}
