import { makeId } from '../operations/make-id.ts';
import { modelName } from '../operations/model-name.ts';
import { encodingOf } from '../tokens/encoding-of.ts';
import { answerEvent } from './answer-event.ts';
import { dialects } from './dialect.ts';
import { runSession } from './run-session.ts';
import { pausesOf } from './pauses-of.ts';
import { responsesProtocol } from './responses-protocol.ts';
import { makeSession } from './session-object.ts';
import type { WebSocket } from 'ws';
import type { Resource } from '../answer/resource.ts';
import type { Serving } from '../serve/serve-request.ts';
import type { Conversation } from './conversation.ts';
import type { OpenSessions } from './open-sessions.ts';
import type { RealtimeRoute } from './read-realtime-route.ts';
import type { Protocol } from './run-session.ts';
import type { SessionFate } from './session-fate.ts';
import type { Upgrade } from './upgrade.ts';

type SessionRoute = Extract<RealtimeRoute, { kind: 'session' }>;
type OpenRoute = Extract<RealtimeRoute, { kind: 'session' | 'responses' }>;

/** Accepts an upgrade when its time has come, and runs the session; `refuse` answers an invalid handshake. */
export function startSession(
  serving: Serving,
  sessions: OpenSessions,
  { request, connection, head, record }: Upgrade,
  route: OpenRoute,
  fate: SessionFate,
  refuse: (message: string) => void,
): void {
  const { log } = serving;
  let timer: NodeJS.Timeout | undefined;
  const leave = () => {
    clearTimeout(timer);
    log.end(record, 'aborted');
  };
  connection.once('close', leave);
  const run = (socket: WebSocket) => {
    connection.off('close', leave);
    log.answered(record, 101);
    const spoken =
      route.kind === 'responses'
        ? responsesProtocol(serving, request, fate)
        : realtimeProtocol(serving, route, fate);
    runSession({ socket, connection, ...spoken, record, log, cut: fate.cut });
  };
  const accept = () =>
    sessions.accept(request, connection, head, run, (message) => {
      connection.off('close', leave);
      refuse(message);
    });
  if (fate.delayMs === 0) accept();
  else timer = setTimeout(accept, fate.delayMs);
}

function realtimeProtocol({ resource }: Serving, route: SessionRoute, fate: SessionFate): Protocol {
  const conversation = newConversation(resource, route);
  return {
    greeting: [{ type: 'session.created', session: conversation.session }],
    answer: (frame) => answerEvent(conversation, frame),
    frameOf: ({ type, ...fields }) => JSON.stringify({ type, event_id: makeId('event_'), ...fields }),
    pauseAfter: pausesOf(resource, () => route.deployment, fate),
  };
}

function newConversation(resource: Resource, { dialect, deployment }: SessionRoute): Conversation {
  return {
    dialect: dialects[dialect],
    id: makeId('conv_'),
    mockName: resource.name,
    completionTokens: resource.completionTokens,
    encoding: encodingOf(deployment, 'o200k_base'),
    session: makeSession(dialect, modelName(deployment, deployment)),
    items: [],
    audioOfItems: new Map(),
    audioBytes: 0,
    response: undefined,
  };
}
