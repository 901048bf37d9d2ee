import { json, withObject } from '../../calls/object-kind.ts';
import { cancelling, deleting, getting } from '../../calls/object-operations.ts';
import { pageOf } from '../../stored/page.ts';
import { finishResponse } from './create-response.ts';
import { framesOf } from './response-frames.ts';
import { responseKind } from './response-kind.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectOperation } from '../../calls/operation.ts';

const getResponse = getting(responseKind);

/** The operations on stored responses. */
export const responseOperations: readonly ObjectOperation[] = [
  { ...getResponse, answer: (call) => streamResponse(call) ?? getResponse.answer(call) },
  deleting(responseKind, 'response'),
  { method: 'GET', path: 'responses/{id}/input_items', answer: listInputItems },
  cancelling(responseKind, (response) => ({
    ...response,
    body: { ...response.body, status: 'cancelled' },
  })),
];

/** Resumes the stream of a background response after any of its events; undefined if no stream is asked for. */
function streamResponse(call: ObjectCall): ModelAnswer | undefined {
  if (call.query.get('stream') !== 'true') return undefined;
  const after = Number(call.query.get('starting_after') ?? -1);
  return withObject(responseKind, call, ({ id, body, events }) => {
    if (events === undefined || body['status'] === 'cancelled') return noStream;
    finishResponse(call.stored, id);
    const rest = Array.from(events()).filter((event) => Number(event['sequence_number']) > after);
    return { kind: 'events', frames: framesOf(rest) };
  });
}

const noStream: ModelAnswer = {
  kind: 'invalid',
  message: 'This response cannot be streamed because it was not created with background=true.',
  param: 'stream',
};

function listInputItems(call: ObjectCall): ModelAnswer {
  return withObject(responseKind, call, ({ inputs = [] }) => json(pageOf(inputs, call.query, 20)));
}
