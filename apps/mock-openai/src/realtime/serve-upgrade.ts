import { answerCall, answerWrongKey } from '../answer/answer-request.ts';
import { answerThrottledCall } from '../answer/answer-step.ts';
import { invalidRequestBody } from '../azure/error.ts';
import { frontDoorHeaders } from '../azure/headers.ts';
import { after } from '../exchange/after.ts';
import { sendAnswer } from '../exchange/send-answer.ts';
import { refusalStep } from '../quota/refusal-step.ts';
import { bringsKey, withoutKey } from '../records/keys.ts';
import { performStep } from '../serve/perform-step.ts';
import { readRealtimeRoute } from './read-realtime-route.ts';
import { sessionFate } from './session-fate.ts';
import { startSession } from './start-session.ts';
import { responseToUpgrade } from './upgrade.ts';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Exchange } from '../exchange/exchange.ts';
import type { Answer } from '../http/answer.ts';
import type { ThrottleStep } from '../script/step.ts';
import type { Serving } from '../serve/serve-request.ts';
import type { OpenSessions } from './open-sessions.ts';
import type { RealtimeRoute } from './read-realtime-route.ts';
import type { SessionFate } from './session-fate.ts';
import type { Upgrade } from './upgrade.ts';

const noBody = Buffer.alloc(0);
// A session is one request; its messages are not charged.
const noTokens = { prompt: [], maxTokens: 0 };

/** Serves an upgrade as a resource: records it, checks its key, then follows the script, or the quota. */
export function serveUpgrade(
  serving: Serving,
  sessions: OpenSessions,
  request: IncomingMessage,
  connection: Socket,
  head: Buffer,
): void {
  const { resource, log, script } = serving;
  const record = log.begin(withoutKey(request));
  // A reset by the client causes no event of its own: the connection's close reports it.
  connection.on('error', () => {});
  log.bodyReceived(record, noBody);

  const upgrade = { request, connection, head, record };
  if (!bringsKey(request, resource.apiKey)) {
    sendAnswer(toExchange(serving, upgrade), answerWrongKey());
    return;
  }
  const step = script.take(performance.now());
  const fate = sessionFate(step);
  const route = readRealtimeRoute(request.url ?? '');
  if (step.kind === 'throttle') sendThrottle(toExchange(serving, upgrade), step, route);
  else if (fate === undefined) performStep(toExchange(serving, upgrade), step);
  else serveSession(serving, sessions, upgrade, route, { ...fate, isCharged: step.kind === 'ok' });
}

function serveSession(
  serving: Serving,
  sessions: OpenSessions,
  upgrade: Upgrade,
  route: RealtimeRoute,
  fate: SessionFate & { readonly isCharged: boolean },
): void {
  const { resource, quota } = serving;
  const problem = problemOf(route, resource.deployments);
  if (route.kind === 'unknown' || route.kind === 'nameless' || problem !== undefined) {
    const exchange = toExchange(serving, upgrade);
    sendAnswer(exchange, answerCall(resource, exchange.request, { kind: problem ?? 'unknown-path' }));
    return;
  }
  const refuse = (message: string) => sendAnswer(toExchange(serving, upgrade), answerBadHandshake(message));
  if (route.kind === 'responses') {
    startSession(serving, sessions, upgrade, route, fate, refuse);
    return;
  }
  const judged =
    fate.isCharged && quota.isOn ? quota.judge(route.deployment, noTokens, performance.now()) : undefined;
  upgrade.record.charge = judged?.charge;
  if (judged?.judgement.kind === 'refused') {
    const step = refusalStep(judged.judgement, judged.quota);
    sendThrottle(toExchange(serving, upgrade), step, route);
    return;
  }
  startSession(serving, sessions, upgrade, route, fate, refuse);
}

/** Azure's own words are not known: an error in its shape, with the existing version. */
function answerBadHandshake(message: string): Answer {
  const headers = [...frontDoorHeaders(), 'Sec-WebSocket-Version', '13'];
  return { kind: 'whole', status: 400, headers, body: invalidRequestBody(message) };
}

function problemOf(
  route: RealtimeRoute,
  deployments: ReadonlySet<string> | undefined,
): 'unknown-path' | 'nameless' | 'unknown-deployment' | undefined {
  if (route.kind === 'unknown') return 'unknown-path';
  if (route.kind === 'nameless') return 'nameless';
  if (route.kind === 'responses') return undefined;
  return deployments?.has(route.deployment) === false ? 'unknown-deployment' : undefined;
}

function sendThrottle(exchange: Exchange, step: ThrottleStep, route: RealtimeRoute): void {
  const called = {
    operation: route.kind === 'responses' ? 'Responses_Create' : 'Realtime_Create',
    apiVersion: 'apiVersion' in route ? route.apiVersion : 'v1',
    deployment: route.kind === 'session' ? route.deployment : undefined,
  };
  const answer = () => answerThrottledCall(exchange.resource, exchange.request, step, called);
  after(exchange, step.delayMs ?? 0, () => sendAnswer(exchange, answer()));
}

/** Turns an upgrade that is not accepted into an ordinary request. */
function toExchange({ resource, log }: Serving, { request, connection, record }: Upgrade): Exchange {
  const { method = '', url = '', headers } = request;
  const response = responseToUpgrade(request, connection, log, record);
  return { resource, request: { method, url, headers, body: noBody }, response, record, log };
}
