import { json } from '../../calls/object-kind.ts';
import { conversationItemKind, idOfConversation } from '../conversation/conversation-kind.ts';
import { checkResponseCall } from './check-response-call.ts';
import { inputItems } from './input-items.ts';
import { makeResponse } from './make-response.ts';
import { framesOf, responseEvents } from './response-frames.ts';
import { outputItemKind, responseKind } from './response-kind.ts';
import type { InvalidAnswer, ModelAnswer, ModelCall } from '../../calls/model-call.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { StoredObjects } from '../../stored/stored-objects.ts';
import type { MadeResponse } from './make-response.ts';

/** A response, and its input. */
export interface Answered {
  readonly kind: 'answered';
  readonly made: MadeResponse;
  readonly inputs: readonly ObjectBody[];
}

/** Answers a call of the Responses API: one JSON, or a stream of named events; a background request is served later. */
export function createResponse(call: ModelCall): ModelAnswer {
  const answered = answerResponse(call);
  if (answered.kind === 'invalid') return answered;
  const { made } = answered;
  const keep = () => {
    if (call.body['store'] !== false) keepResponse(call.stored, answered);
    keepInConversation(call, answered);
  };
  const isStream = call.body['stream'] === true;
  if (call.body['background'] === true) return beginInBackground(call, answered, isStream);
  // A stream that the client leaves is not kept: it was never complete.
  if (isStream) return { kind: 'events', frames: framesOf(responseEvents(made, keep)) };
  keep();
  return json(made.ended);
}

/** Makes the response to a call, and keeps no part of it. */
export function answerResponse(call: ModelCall): Answered | InvalidAnswer {
  const inputs = inputItems(call.body['input']);
  const wrong = checkResponseCall(call, inputs);
  if (wrong !== undefined) return wrong;
  const made = makeResponse(call, inputs);
  return made.kind === 'invalid' ? made : { kind: 'answered', made, inputs };
}

/** Keeps a response for later calls that refer to it. */
export function keepResponse(stored: StoredObjects, { made, inputs }: Answered): void {
  stored.shelf(responseKind.path).put({ id: made.id, body: made.ended, inputs });
  keepOutput(stored, made);
}

/** Adds the input and output to the conversation that the call names, if it does. */
export function keepInConversation({ body: asked, stored }: ModelCall, { made, inputs }: Answered): void {
  const owner = idOfConversation(asked['conversation']);
  if (owner === undefined) return;
  const shelf = stored.shelf(conversationItemKind.path);
  const said = made.output.map(({ item }) => item);
  for (const body of [...inputs, ...said]) shelf.put({ id: String(body['id']), owner, body });
}

/** Begins a response that goes on without its client, so that its stream can be resumed. */
function beginInBackground(call: ModelCall, answered: Answered, isStream: boolean): ModelAnswer {
  const { made, inputs } = answered;
  const { id, begun } = made;
  const body = { ...begun, status: 'queued' };
  const finish = () => {
    keepOutput(call.stored, made);
    keepInConversation(call, answered);
    return { ...made.ended, background: true };
  };
  const events = () => responseEvents(made, () => {});
  call.stored.shelf(responseKind.path).put({ id, body, inputs, later: [() => begun, finish], events });
  if (!isStream) return json(body);
  return { kind: 'events', frames: framesOf(responseEvents(made, () => finishResponse(call.stored, id))) };
}

/** Completes a response that is made in the background. */
export function finishResponse(stored: StoredObjects, id: string): void {
  const shelf = stored.shelf(responseKind.path);
  const object = shelf.get(id);
  const { later = [] } = object ?? {};
  if (object === undefined || later.length === 0) return;
  const body = later.reduce((before, advance) => advance(before), object.body);
  shelf.put({ ...object, body, later: [] });
}

function keepOutput(stored: StoredObjects, { output }: MadeResponse): void {
  const shelf = stored.shelf(outputItemKind.path);
  for (const { item } of output) shelf.put({ id: String(item['id']), body: item });
}
