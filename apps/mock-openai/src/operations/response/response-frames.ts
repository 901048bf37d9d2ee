import { tokenLogprob } from '../logprobs.ts';
import { listOf } from '../read-json.ts';
import { textPart } from './output-items.ts';
import type { ObjectBody, StoredEvent } from '../../stored/stored-object.ts';
import type { MadeResponse } from './make-response.ts';
import type { OutputItem } from './output-items.ts';

/** An event of a response's stream. */
export type ResponseEvent = StoredEvent;

/** Writes the events of a response as they are streamed. */
export function* framesOf(events: Iterable<ResponseEvent>): Generator<string> {
  for (const event of events) yield `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Yields a response event by event; calls `ended` before the last of them is made. */
export function* responseEvents(made: MadeResponse, ended: () => void): Generator<ResponseEvent> {
  let count = 0;
  const numbered = ({ type, ...rest }: ResponseEvent) => ({ type, sequence_number: count++, ...rest });
  yield numbered({ type: 'response.created', response: made.begun });
  yield numbered({ type: 'response.in_progress', response: made.begun });
  for (const [index, output] of made.output.entries()) {
    for (const event of itemEvents(index, output, made.alternatives)) yield numbered(event);
  }
  ended();
  const last = made.ended['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed';
  yield numbered({ type: last, response: made.ended });
}

function* itemEvents(
  index: number,
  { item, pieces }: OutputItem,
  alternatives: number | undefined,
): Generator<ResponseEvent> {
  const place = { item_id: item['id'], output_index: index };
  yield { type: 'response.output_item.added', output_index: index, item: begunItem(item) };
  switch (item['type']) {
    case 'message':
      yield* textEvents(place, item, pieces, alternatives);
      break;
    case 'reasoning':
      if (pieces.length > 0) yield* summaryEvents(place, pieces);
      break;
    case 'function_call':
      yield* inputEvents('response.function_call_arguments', place, 'arguments', item, pieces);
      break;
    default:
      yield* inputEvents('response.custom_tool_call_input', place, 'input', item, pieces);
  }
  yield { type: 'response.output_item.done', output_index: index, item };
}

/** An item without any content yet. */
function begunItem(item: ObjectBody): ObjectBody {
  switch (item['type']) {
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    case 'reasoning':
      return { ...item, summary: [] };
    case 'function_call':
      return { ...item, status: 'in_progress', arguments: '' };
    default:
      return { ...item, status: 'in_progress', input: '' };
  }
}

function* textEvents(
  item: ObjectBody,
  { content }: ObjectBody,
  pieces: readonly string[],
  alternatives: number | undefined,
): Generator<ResponseEvent> {
  const place = { ...item, content_index: 0 };
  const [part] = listOf(content) as readonly ObjectBody[];
  yield { type: 'response.content_part.added', ...place, part: textPart('') };
  for (const delta of pieces) {
    const logprobs = alternatives === undefined ? [] : [tokenLogprob(delta, alternatives)];
    yield { type: 'response.output_text.delta', ...place, delta, logprobs };
  }
  const { text, logprobs } = part ?? {};
  yield { type: 'response.output_text.done', ...place, text, logprobs };
  yield { type: 'response.content_part.done', ...place, part };
}

function* summaryEvents(item: ObjectBody, pieces: readonly string[]): Generator<ResponseEvent> {
  const place = { ...item, summary_index: 0 };
  const text = pieces.join('');
  yield { type: 'response.reasoning_summary_part.added', ...place, part: { type: 'summary_text', text: '' } };
  for (const delta of pieces) yield { type: 'response.reasoning_summary_text.delta', ...place, delta };
  yield { type: 'response.reasoning_summary_text.done', ...place, text };
  yield { type: 'response.reasoning_summary_part.done', ...place, part: { type: 'summary_text', text } };
}

function* inputEvents(
  type: string,
  place: ObjectBody,
  field: 'arguments' | 'input',
  item: ObjectBody,
  pieces: readonly string[],
): Generator<ResponseEvent> {
  for (const delta of pieces) yield { type: `${type}.delta`, ...place, delta };
  yield { type: `${type}.done`, ...place, [field]: item[field], name: item['name'] };
}
