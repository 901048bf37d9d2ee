import { create, required } from '../../calls/object-kind.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { assistantKind } from '../assistant/assistant-kind.ts';
import { makeId } from '../make-id.ts';
import { beginRun, finishRun } from './finish-run.ts';
import { runFrames } from './run-frames.ts';
import { runKind } from './thread-kinds.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';

/** Begins a run of an assistant on a thread: it answers when polled twice, or at once as a stream. */
export function createRun(call: ObjectCall, threadId: string, given: ObjectBody): ModelAnswer {
  const { assistant_id: assistantId } = given;
  if (typeof assistantId !== 'string') return required('assistant_id');
  const assistant = call.stored.shelf(assistantKind.path).get(assistantId)?.body;
  if (assistant === undefined) return assistantKind.missing(assistantId);
  const id = makeId('run_');
  const now = nowSeconds();
  const body = {
    id,
    object: 'thread.run',
    created_at: now,
    assistant_id: assistantId,
    thread_id: threadId,
    status: 'queued',
    started_at: null,
    expires_at: now + 600,
    cancelled_at: null,
    failed_at: null,
    completed_at: null,
    required_action: null,
    last_error: null,
    incomplete_details: null,
    model: given['model'] ?? assistant['model'],
    instructions: given['instructions'] ?? assistant['instructions'] ?? '',
    tools: given['tools'] ?? assistant['tools'],
    metadata: given['metadata'] ?? {},
    temperature: given['temperature'] ?? assistant['temperature'],
    top_p: given['top_p'] ?? assistant['top_p'],
    max_completion_tokens: given['max_completion_tokens'] ?? null,
    max_prompt_tokens: given['max_prompt_tokens'] ?? null,
    truncation_strategy: given['truncation_strategy'] ?? { type: 'auto', last_messages: null },
    response_format: given['response_format'] ?? assistant['response_format'],
    tool_choice: given['tool_choice'] ?? 'auto',
    parallel_tool_calls: given['parallel_tool_calls'] ?? true,
    usage: null,
  };
  const run = { id, owner: threadId, body };
  if (given['stream'] === true) return { kind: 'events', frames: runFrames(run, call) };
  const later = [beginRun, (last: ObjectBody) => finishRun(last, call).run];
  return create(runKind, { ...run, later }, call.stored);
}
