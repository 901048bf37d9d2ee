import { json, withObject } from '../../calls/object-kind.ts';
import { cancelling, deleting, getting } from '../../calls/object-operations.ts';
import { pageOf } from '../../stored/page.ts';
import { responseKind } from './response-kind.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectOperation } from '../../calls/operation.ts';

/** The operations on stored responses. */
export const responseOperations: readonly ObjectOperation[] = [
  getting(responseKind),
  deleting(responseKind, 'response'),
  { method: 'GET', path: 'responses/{id}/input_items', answer: listInputItems },
  cancelling(responseKind, (response) => ({
    ...response,
    body: { ...response.body, status: 'cancelled' },
  })),
];

function listInputItems(call: ObjectCall): ModelAnswer {
  return withObject(responseKind, call, ({ inputs = [] }) => json(pageOf(inputs, call.query, 20)));
}
