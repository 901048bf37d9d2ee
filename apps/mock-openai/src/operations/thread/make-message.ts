import { nowSeconds } from '../../stored/stored-object.ts';
import { makeId } from '../make-id.ts';
import type { ObjectBody, StoredObject } from '../../stored/stored-object.ts';

/** Makes a message of a thread from a posted one, or from a run's output. */
export function makeMessage(owner: string, given: ObjectBody): StoredObject {
  const { role = 'user', content, metadata = {}, attachments = [] } = given;
  const id = makeId('msg_');
  const now = nowSeconds();
  const body = {
    id,
    object: 'thread.message',
    created_at: now,
    assistant_id: given['assistant_id'] ?? null,
    thread_id: owner,
    run_id: given['run_id'] ?? null,
    status: 'completed',
    incomplete_details: null,
    completed_at: now,
    incomplete_at: null,
    role,
    content: Array.isArray(content) ? content.map(toPart) : [textPart(content)],
    attachments,
    metadata,
  };
  return { id, owner, body };
}

function toPart(part: unknown): unknown {
  const isText = typeof part === 'object' && part !== null && 'type' in part && part.type === 'text';
  return isText && 'text' in part && typeof part.text === 'string' ? textPart(part.text) : part;
}

function textPart(value: unknown): ObjectBody {
  return { type: 'text', text: { value, annotations: [] } };
}
