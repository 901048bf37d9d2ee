import { replyEnd } from '../calls/reply-end.ts';
import { makeReply } from './reply.ts';
import { cutAtStop } from './stop-sequences.ts';
import type { ModelCall } from '../calls/model-call.ts';
import type { Encoding } from '../tokens/encoding-of.ts';
import type { Reply } from './reply.ts';

/** A text as the model says it, its tokens, and why it ended there. */
export interface SaidText {
  readonly reply: Reply;
  readonly tokens: number;
  readonly reason: 'stop' | 'length' | 'content_filter';
}

/** Makes the text that a call gets: up to its first stop sequence, if it has one. */
export function sayText(
  call: Pick<ModelCall, 'body' | 'completionTokens' | 'chunks' | 'blockedAfter' | 'mockName'>,
  stops: readonly string[],
  encoding: Encoding,
): SaidText {
  const { tokens, reason } = replyEnd(call);
  const whole = makeReply(call.mockName, tokens, encoding);
  const cut = cutAtStop(whole, stops, encoding);
  return cut === undefined
    ? { reply: whole, tokens, reason }
    : { reply: cut, tokens: cut.pieces.length, reason: 'stop' };
}
