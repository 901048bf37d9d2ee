import { makeId } from '../make-id.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';

/** Reads the input of a response, a text or a list, as the items of a later listing. */
export function inputItems(input: unknown): ObjectBody[] {
  if (input === undefined || input === null) return [];
  const list: readonly unknown[] = Array.isArray(input) ? input : [{ role: 'user', content: input }];
  return list.map(toItem);
}

function toItem(given: unknown): ObjectBody {
  if (typeof given !== 'object' || given === null) return message({ role: 'user', content: String(given) });
  const item = given as ObjectBody;
  const { type = 'message' } = item;
  if (type === 'message') return message(item);
  return { id: makeId('item_'), ...item };
}

function message(item: ObjectBody): ObjectBody {
  const { role = 'user', content } = item;
  const type = role === 'assistant' ? 'output_text' : 'input_text';
  const parts = Array.isArray(content) ? (content as unknown[]) : [{ type, text: content }];
  return { id: makeId('msg_'), status: 'completed', ...item, type: 'message', role, content: parts };
}
