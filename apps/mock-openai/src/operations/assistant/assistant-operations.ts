import { create, required } from '../../calls/object-kind.ts';
import { changing, deleting, getting, listing } from '../../calls/object-operations.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { makeId } from '../make-id.ts';
import { assistantKind } from './assistant-kind.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectOperation } from '../../calls/operation.ts';

const usual = {
  name: null,
  description: null,
  model: null,
  instructions: null,
  tools: [],
  tool_resources: {},
  metadata: {},
  temperature: 1,
  top_p: 1,
  response_format: 'auto',
};
const fields = Object.keys(usual);

/** The operations on assistants. */
export const assistantOperations: readonly ObjectOperation[] = [
  { method: 'POST', path: 'assistants', answer: createAssistant },
  listing(assistantKind),
  getting(assistantKind),
  changing(assistantKind, fields),
  deleting(assistantKind, 'assistant.deleted'),
];

function createAssistant({ body, stored }: ObjectCall): ModelAnswer {
  if (typeof body['model'] !== 'string') return required('model');
  const id = makeId('asst_');
  const given = Object.fromEntries(fields.flatMap((field) => (field in body ? [[field, body[field]]] : [])));
  const assistant = { id, object: 'assistant', created_at: nowSeconds(), ...usual, ...given };
  return create(assistantKind, { id, body: assistant }, stored);
}
