import { json } from '../../calls/object-kind.ts';
import { conversationItemKind, idOfConversation } from '../conversation/conversation-kind.ts';
import { checkResponseCall } from './check-response-call.ts';
import { inputItems } from './input-items.ts';
import { makeResponse } from './make-response.ts';
import { responseFrames } from './response-frames.ts';
import { outputItemKind, responseKind } from './response-kind.ts';
import type { ModelAnswer, ModelCall } from '../../calls/model-call.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { MadeResponse } from './make-response.ts';

/** Answers a call of the Responses API: one JSON, or a stream of named events; what is asked in the background is done later. */
export function createResponse(call: ModelCall): ModelAnswer {
  const wrong = checkResponseCall(call);
  if (wrong !== undefined) return wrong;
  const inputs = inputItems(call.body['input']);
  const made = makeResponse(call, inputs);
  const isStored = call.body['store'] !== false;
  const keep = () => {
    if (isStored) keepResponse(call, made, inputs);
    keepInConversation(call, made, inputs);
  };
  // A stream that the client leaves is not kept: it never was whole.
  if (call.body['stream'] === true) return { kind: 'events', frames: responseFrames(made, keep) };
  if (call.body['background'] === true) return beginInBackground(call, made, inputs);
  keep();
  return json(made.ended);
}

function beginInBackground(call: ModelCall, made: MadeResponse, inputs: readonly ObjectBody[]): ModelAnswer {
  const { id, begun } = made;
  const body = { ...begun, status: 'queued' };
  const finish = () => {
    keepOutput(call, made);
    keepInConversation(call, made, inputs);
    return { ...made.ended, background: true };
  };
  call.stored.shelf(responseKind.path).put({ id, body, inputs, later: [() => begun, finish] });
  return json(body);
}

function keepResponse(call: ModelCall, made: MadeResponse, inputs: readonly ObjectBody[]): void {
  call.stored.shelf(responseKind.path).put({ id: made.id, body: made.ended, inputs });
  keepOutput(call, made);
}

function keepOutput({ stored }: ModelCall, { message }: MadeResponse): void {
  stored.shelf(outputItemKind.path).put({ id: String(message['id']), body: message });
}

function keepInConversation(call: ModelCall, made: MadeResponse, inputs: readonly ObjectBody[]): void {
  const owner = idOfConversation(call.body['conversation']);
  if (owner === undefined) return;
  const shelf = call.stored.shelf(conversationItemKind.path);
  for (const body of [...inputs, made.message]) shelf.put({ id: String(body['id']), owner, body });
}
