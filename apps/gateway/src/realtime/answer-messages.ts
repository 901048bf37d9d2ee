import type { Verdict } from '@spillway/core';
import type { BackendSession } from '../backend/backend-session.ts';
import type { ReadableBody } from '../ownership/watched-body.ts';
import { readWhole } from '../ownership/made-body.ts';
import { renderErrorEvent, renderRefusal } from '../response/error-event.ts';
import { exhaustedError } from '../response/exhausted-error.ts';
import { type NamedBackend, ownHeaders, type ResponseContext } from '../response/respond.ts';
import type { Answered } from '../telemetry/exchange.ts';
import type { MessageConnection } from '../websocket/message-connection.ts';
import { joinMessages, type MessageSessionLimits } from './join-messages.ts';

/** A backend's answer to a session's first message. */
interface SessionAnswer {
  readonly body: ReadableBody;
  readonly session?: BackendSession | undefined;
}

/** How a session was answered, with the corresponding HTTP status. */
interface SessionAnswered extends Answered {
  readonly status: number;
}

const INTERNAL_ERROR = 1011;
const TRY_AGAIN_LATER = 1013;

/** Turns a verdict into a session with a backend, or into the event that says why there is none, and the close. */
export async function answerMessages(
  verdict: Verdict<NamedBackend, SessionAnswer>,
  client: MessageConnection,
  context: ResponseContext,
  limits: MessageSessionLimits,
): Promise<SessionAnswered> {
  if (verdict.kind === 'abandoned') {
    client.close();
    return { status: 101, ending: 'abandoned', bytes: 0 };
  }
  if (verdict.kind === 'exhausted') {
    const { deployment, backends, snapshots, requestId } = context;
    const error = exhaustedError(verdict, deployment, backends, snapshots());
    const attempts = { 'x-spillway-attempts': String(verdict.attempts.length) };
    return refuseSession(client, renderErrorEvent(error, requestId, attempts));
  }
  const { answer } = verdict;
  const { session, body } = answer.body;
  if (session !== undefined) return { status: 101, ...(await joinMessages(client, session, limits)) };
  const own = Object.fromEntries(pairsOf(ownHeaders(verdict, context)));
  const text = renderRefusal(answer.status, await readWhole(body), own);
  return refuseSession(client, { status: answer.status, text });
}

/** Tells a client why it is not served, and ends its session. */
export function refuseSession(
  client: MessageConnection,
  { status, text }: { readonly status: number; readonly text: string },
): SessionAnswered {
  const bytes = Buffer.from(text);
  client.send(bytes);
  client.close(status === 429 || status === 503 ? TRY_AGAIN_LATER : INTERNAL_ERROR);
  client.readBy(undefined);
  return { status, ending: 'complete', bytes: bytes.length };
}

function* pairsOf(flat: readonly string[]): Generator<readonly [string, string]> {
  for (let i = 0; i + 1 < flat.length; i += 2) yield [flat[i] as string, flat[i + 1] as string];
}
