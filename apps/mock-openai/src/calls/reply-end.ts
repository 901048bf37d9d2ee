import { replyLength } from './model-call.ts';
import type { ModelCall } from './model-call.ts';

/** Returns how many tokens to reply with and why the reply ends there, including when the content filter blocks it. */
export function replyEnd(call: Pick<ModelCall, 'body' | 'completionTokens' | 'chunks' | 'blockedAfter'>): {
  readonly tokens: number;
  readonly reason: 'stop' | 'length' | 'content_filter';
} {
  const length = replyLength(call);
  return call.blockedAfter !== undefined && call.blockedAfter < length.tokens
    ? { tokens: call.blockedAfter, reason: 'content_filter' }
    : length;
}
