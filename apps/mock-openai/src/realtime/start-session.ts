import { makeId } from '../operations/make-id.ts';
import { modelName } from '../operations/model-name.ts';
import { encodingOf } from '../tokens/encoding-of.ts';
import { dialects } from './dialect.ts';
import { runSession } from './run-session.ts';
import { makeSession } from './session-object.ts';
import type { WebSocket } from 'ws';
import type { Resource } from '../answer/resource.ts';
import type { Serving } from '../serve/serve-request.ts';
import type { Conversation } from './conversation.ts';
import type { OpenSessions } from './open-sessions.ts';
import type { Pace } from './play-events.ts';
import type { RealtimeRoute } from './read-realtime-route.ts';
import type { SessionFate } from './session-fate.ts';
import type { Upgrade } from './upgrade.ts';

type SessionRoute = Extract<RealtimeRoute, { kind: 'session' }>;

/** Accepts an upgrade when its time has come, and runs the session; `refuse` answers one that is no proper handshake. */
export function startSession(
  { resource, log }: Serving,
  sessions: OpenSessions,
  { request, connection, head, record }: Upgrade,
  route: SessionRoute,
  fate: SessionFate,
  refuse: (message: string) => void,
): void {
  let timer: NodeJS.Timeout | undefined;
  const leave = () => {
    clearTimeout(timer);
    log.end(record, 'aborted');
  };
  connection.once('close', leave);
  const run = (socket: WebSocket) => {
    connection.off('close', leave);
    log.answered(record, 101);
    const conversation = newConversation(resource, route);
    const pauseAfter = pauses(resource, route.deployment, fate);
    runSession({ socket, connection, conversation, record, log, pauseAfter, cut: fate.cut });
  };
  const accept = () =>
    sessions.accept(request, connection, head, run, (message) => {
      connection.off('close', leave);
      refuse(message);
    });
  if (fate.delayMs === 0) accept();
  else timer = setTimeout(accept, fate.delayMs);
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

/** The model's own pace, or the step's: a time before a response, and one after each token of it. */
function pauses(
  { latency }: Resource,
  deployment: string,
  { pieceDelayMs }: SessionFate,
): Pace['pauseAfter'] {
  let pace = latency.paceOf(deployment, () => 0);
  return (type) => {
    if (type === 'response.created') {
      pace = latency.paceOf(deployment, () => 0);
      return pace?.firstMs ?? 0;
    }
    // With audio, a token is a piece of the transcript and one of the sound.
    if (!type.endsWith('text.delta') && !type.endsWith('audio.delta')) return 0;
    return pieceDelayMs ?? pace?.rhythm?.nextTokenMs() ?? 0;
  };
}
