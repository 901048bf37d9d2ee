import { replyLength } from '../../calls/model-call.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { countChatPrompt } from '../../tokens/count-prompt.ts';
import { encodingOf } from '../../tokens/encoding-of.ts';
import { makeId } from '../make-id.ts';
import { makeReply } from '../reply.ts';
import { makeMessage } from './make-message.ts';
import { messageKind, runStepKind } from './thread-kinds.ts';
import type { ObjectCall } from '../../calls/model-call.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';

/** A finished run, and its message. */
export interface FinishedRun {
  readonly run: ObjectBody;
  readonly message: ObjectBody;
  /** The message's text, token by token. */
  readonly pieces: readonly string[];
}

/** Makes the state of a queued run when it begins. */
export function beginRun(run: ObjectBody): ObjectBody {
  return { ...run, status: 'in_progress', started_at: nowSeconds() };
}

/** Lets a run say something: adds its message to the thread, and a step to the run. */
export function finishRun(run: ObjectBody, call: ObjectCall): FinishedRun {
  const encoding = encodingOf(String(run['model']), 'o200k_base');
  const { completionTokens, mockName, chunks, stored } = call;
  const { tokens, reason } = replyLength({ body: run, completionTokens, chunks });
  const threadId = String(run['thread_id']);
  const messages = stored.shelf(messageKind.path).of(threadId);
  const asked = [{ content: run['instructions'] }, ...messages.map(({ body }) => toPrompt(body))];
  const promptTokens = countChatPrompt(asked, run['tools'], encoding);
  const { text, pieces } = makeReply(mockName, tokens, encoding);
  const { assistant_id: assistantId, id: runId } = run;
  const said = { role: 'assistant', content: text, assistant_id: assistantId, run_id: runId };
  const message = makeMessage(threadId, said);
  stored.shelf(messageKind.path).put(message);
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: tokens,
    total_tokens: promptTokens + tokens,
  };
  keepStep(call, run, message.id, usage);
  const isWhole = reason === 'stop';
  const finished = {
    ...run,
    status: isWhole ? 'completed' : 'incomplete',
    completed_at: nowSeconds(),
    expires_at: null,
    incomplete_details: isWhole ? null : { reason: 'max_completion_tokens' },
    usage,
  };
  return { run: finished, message: message.body, pieces };
}

function keepStep({ stored }: ObjectCall, run: ObjectBody, messageId: string, usage: ObjectBody): void {
  const id = makeId('step_');
  const owner = String(run['id']);
  const now = nowSeconds();
  const body = {
    id,
    object: 'thread.run.step',
    created_at: now,
    run_id: owner,
    assistant_id: run['assistant_id'],
    thread_id: run['thread_id'],
    type: 'message_creation',
    status: 'completed',
    cancelled_at: null,
    completed_at: now,
    expired_at: null,
    failed_at: null,
    last_error: null,
    metadata: null,
    step_details: { type: 'message_creation', message_creation: { message_id: messageId } },
    usage,
  };
  stored.shelf(runStepKind.path).put({ id, owner, body });
}

function toPrompt({ role, content }: ObjectBody): ObjectBody {
  return { role, content };
}
