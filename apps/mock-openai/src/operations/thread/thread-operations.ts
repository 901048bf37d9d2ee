import { create, required, withOwner } from '../../calls/object-kind.ts';
import { cancelling, changing, deleting, getting, listing } from '../../calls/object-operations.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { makeId } from '../make-id.ts';
import { createRun } from './create-run.ts';
import { makeMessage } from './make-message.ts';
import { messageKind, runKind, runStepKind, threadKind } from './thread-kinds.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectOperation } from '../../calls/operation.ts';
import type { ObjectBody, StoredObject } from '../../stored/stored-object.ts';
import type { StoredObjects } from '../../stored/stored-objects.ts';

/** The operations on threads, their messages and their runs. */
export const threadOperations: readonly ObjectOperation[] = [
  { method: 'POST', path: 'threads', answer: createThread },
  { method: 'POST', path: 'threads/runs', answer: createThreadAndRun },
  getting(threadKind),
  changing(threadKind, ['metadata', 'tool_resources']),
  deleting(threadKind, 'thread.deleted'),
  { method: 'POST', path: messageKind.path, answer: createMessage },
  listing(messageKind, { filter: { parameter: 'run_id', field: 'run_id' } }),
  getting(messageKind),
  changing(messageKind, ['metadata']),
  deleting(messageKind, 'thread.message.deleted'),
  {
    method: 'POST',
    path: runKind.path,
    answer: (call) => withOwner(runKind, call, (owner = '') => createRun(call, owner, call.body)),
  },
  listing(runKind),
  getting(runKind),
  changing(runKind, ['metadata']),
  cancelling(runKind, (run) => ({
    ...run,
    body: { ...run.body, status: 'cancelling' },
    later: [(last) => ({ ...last, status: 'cancelled', cancelled_at: nowSeconds() })],
  })),
  listing(runStepKind),
  getting(runStepKind),
];

function createThread({ body, stored }: ObjectCall): ModelAnswer {
  return create(threadKind, makeThread(stored, body), stored);
}

function createThreadAndRun(call: ObjectCall): ModelAnswer {
  const { thread: given } = call.body;
  const thread = makeThread(call.stored, isBody(given) ? given : {});
  call.stored.shelf(threadKind.path).put(thread);
  return createRun(call, thread.id, call.body);
}

function createMessage(call: ObjectCall): ModelAnswer {
  return withOwner(messageKind, call, (owner = '') => {
    if (call.body['content'] === undefined) return required('content');
    return create(messageKind, makeMessage(owner, call.body), call.stored);
  });
}

function makeThread(stored: StoredObjects, { messages, metadata = {}, ...rest }: ObjectBody): StoredObject {
  const id = makeId('thread_');
  for (const message of Array.isArray(messages) ? (messages as unknown[]) : []) {
    if (isBody(message)) stored.shelf(messageKind.path).put(makeMessage(id, message));
  }
  const { tool_resources: resources = {} } = rest;
  const body = { id, object: 'thread', created_at: nowSeconds(), metadata, tool_resources: resources };
  return { id, body };
}

function isBody(value: unknown): value is ObjectBody {
  return typeof value === 'object' && value !== null;
}
