import { messageItem, textPart } from './make-response.ts';
import type { MadeResponse } from './make-response.ts';

/** Streams a response as named events; calls `ended` before the last of them is made. */
export function* responseFrames(made: MadeResponse, ended: () => void): Generator<string> {
  const { begun, message, pieces, text } = made;
  const { id: itemId } = message;
  const place = { item_id: itemId, output_index: 0, content_index: 0 };
  let count = 0;
  const frame = (type: string, rest: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: count++, ...rest })}\n\n`;

  yield frame('response.created', { response: begun });
  yield frame('response.in_progress', { response: begun });
  const item = messageItem(itemId, 'in_progress', undefined);
  yield frame('response.output_item.added', { output_index: 0, item });
  yield frame('response.content_part.added', { ...place, part: textPart('') });
  for (const delta of pieces) {
    yield frame('response.output_text.delta', { ...place, delta, logprobs: [] });
  }
  yield frame('response.output_text.done', { ...place, text, logprobs: [] });
  yield frame('response.content_part.done', { ...place, part: textPart(text) });
  yield frame('response.output_item.done', { output_index: 0, item: message });
  ended();
  const last = made.ended['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed';
  yield frame(last, { response: made.ended });
}
