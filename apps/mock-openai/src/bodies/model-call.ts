/** A call of a model, past every check: what an operation's body is made from. */
export interface ModelCall {
  readonly deployment: string;
  /** The request's JSON, as the client sent it. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Whose name the reply says. */
  readonly mockName: string;
  /** How long a reply is when the request does not say. */
  readonly completionTokens: number;
  /** How many chunks a stream has, whatever the request says. */
  readonly chunks: number | undefined;
}

/** A model's answer: one JSON text, or the events of a stream. */
export type ModelAnswer =
  | { readonly kind: 'json'; readonly body: string }
  | { readonly kind: 'events'; readonly frames: Iterable<string> }
  | { readonly kind: 'invalid'; readonly message: string; readonly param: string; readonly code?: string };

/** Tells how many tokens to reply with and why the reply ends there: the shorter of what was asked and the usual. */
export function replyLength(call: Pick<ModelCall, 'body' | 'completionTokens' | 'chunks'>): {
  readonly tokens: number;
  readonly reason: 'stop' | 'length';
} {
  if (call.chunks !== undefined) return { tokens: call.chunks, reason: 'stop' };
  const asked = call.body['max_completion_tokens'] ?? call.body['max_tokens'];
  return typeof asked === 'number' && asked >= 1 && asked < call.completionTokens
    ? { tokens: Math.floor(asked), reason: 'length' }
    : { tokens: call.completionTokens, reason: 'stop' };
}

/** Tells whether a stream was asked for, and whether with its usage at the end. */
export function streamWish(call: ModelCall): { readonly isStream: boolean; readonly withUsage: boolean } {
  const options = call.body['stream_options'];
  const withUsage = typeof options === 'object' && options !== null && 'include_usage' in options;
  return { isStream: call.body['stream'] === true, withUsage: withUsage && options.include_usage === true };
}
