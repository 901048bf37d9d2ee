import type { Readable } from 'node:stream';
import { type Answer, type Attempt, deploymentAt, type Progress } from '@spillway/core';
import type { ByteRange } from '../body/byte-range.ts';
import { renameInHeaders } from '../headers/deployment-headers.ts';
import { headersToBackend } from '../headers/to-backend.ts';
import { addTraceHeaders, type AttemptTrace } from '../headers/trace-headers.ts';
import { withoutHeader } from '../headers/without-header.ts';
import { findTrouble } from '../overload/own-trouble.ts';
import type { DeploymentPlace } from '../route/deployment-place.ts';
import { RequestContent } from '../route/request-content.ts';
import { rewriteDeployment } from '../route/rewrite-deployment.ts';
import { findKey } from '../websocket/handshake.ts';
import { AddedLimit } from './added-limit.ts';
import { AttemptHandler } from './attempt-handler.ts';
import type { AzureBackend } from './azure-backend.ts';
import type { BackendResponse } from './backend-response.ts';
import type { OpenedSession } from './backend-session.ts';
import type { CredentialHeader } from './credentials/credential.ts';

/** The facts about a request that sending it needs; the side that accepted it knows more. */
export interface ForwardableRequest {
  readonly method: string;
  readonly rawHeaders: readonly string[];
  /** The whole body, or the beginning of one that is uploaded. */
  readonly body: Buffer | undefined;
  /** The unpacked body, where the client has packed it. */
  readonly unpacked?: Buffer | undefined;
  /** The body as a stream, where it is too large to be kept. */
  readonly upload?: UploadedBody | undefined;
  /** The position of the name of a limit that the gateway has added to the body. */
  readonly addedLimit?: ByteRange | undefined;
  /** The client's own key, where the backend issued it. */
  readonly credential?: CredentialHeader | undefined;
  /** The protocol that the connection is to be upgraded to. */
  readonly upgrade?: string | undefined;
  /** The session that the client has opened; `body` is its first message. */
  readonly session?: OpenedSession | undefined;
  /** Edits each message of a session that asks for a response. */
  readonly editMessage?: ((message: Buffer) => Buffer) | undefined;
  /** The request's place in a trace, where spans may be recorded. */
  readonly trace?: AttemptTrace | undefined;
  readonly client: { readonly hasLeft: boolean; current: { abort(): void } | undefined };
}

/** A body that passes through without being kept. */
interface UploadedBody {
  /** The length that the client declared; without one it is sent in chunks. */
  readonly declaredBytes: number | undefined;
  readonly hasBegun: boolean;
  /** Returns the body as a stream, with these bytes instead of its beginning. */
  open(beginning: Buffer): Readable;
}

/** The destination of a request at a backend that knows the deployment by the client's name for it. */
export interface Destination {
  readonly path: string;
  /** The operation at the deployment, such as `chat/completions`: it determines how a stream ends. */
  readonly operation?: string | undefined;
  readonly deployment: string;
  /** Whether sending it twice could make two objects. */
  readonly createsObject?: boolean | undefined;
  readonly deploymentPlace?: DeploymentPlace | undefined;
}

/**
 * Sends one attempt. Resolves as soon as its result can be judged, or with a report that it cannot be yet. Never
 * rejects.
 *
 * @param timeMs after which it resolves without a judgement
 * @param holdUntilMs until when a stream that is only announced may be held back, on `performance`'s clock
 */
export function forwardAttempt(
  attempt: Attempt<AzureBackend>,
  timeMs: number,
  request: ForwardableRequest,
  destination: Destination,
  holdUntilMs = performance.now() + timeMs,
): Promise<Progress<BackendResponse>> {
  if (request.credential !== undefined) {
    const { credential } = request;
    return send(attempt, timeMs, credential, request, destination, holdUntilMs).then(withClientKey);
  }
  if (request.upgrade !== undefined)
    return sendAsBackend(attempt, timeMs, request, destination, holdUntilMs).then(withRefusedUpgrade);
  return sendAsBackend(attempt, timeMs, request, destination, holdUntilMs);
}

/** Sends an attempt with the backend's own credential, once there is one. */
function sendAsBackend(
  attempt: Attempt<AzureBackend>,
  timeMs: number,
  request: ForwardableRequest,
  destination: Destination,
  holdUntilMs: number,
): Promise<Progress<BackendResponse>> {
  const { credential } = attempt.backend;
  const header = credential.current();
  if (header !== undefined) return send(attempt, timeMs, header, request, destination, holdUntilMs);
  return credential.fetch().then(
    (fetched) => send(attempt, timeMs, fetched, request, destination, holdUntilMs),
    () => ({
      kind: 'failed',
      failure: findTrouble() !== undefined ? 'no-descriptors' : 'credential',
      wasSent: false,
    }),
  );
}

/** A refused client key says nothing about the backend's own. */
function withClientKey(result: Progress<BackendResponse>): Progress<BackendResponse> {
  return noted(result, (answer) => ({ ...answer, hasClientKey: true }));
}

/** An answer without an upgraded connection is a refusal of the upgrade, whatever its status. */
function withRefusedUpgrade(result: Progress<BackendResponse>): Progress<BackendResponse> {
  return noted(result, (answer) =>
    answer.body.socket === undefined ? { ...answer, isUpgradeRefused: true } : answer,
  );
}

type BackendAnswer = Answer<BackendResponse>;

/** Adds a property to the answer that an attempt leads to, now or later. */
function noted(
  result: Progress<BackendResponse>,
  note: (answer: BackendAnswer) => BackendAnswer,
): Progress<BackendResponse> {
  if (result.kind === 'answered') return note(result);
  if (result.kind !== 'overdue') return result;
  return {
    ...result,
    waitFor: async (ms) => noted(await result.waitFor(ms), note),
    giveUp: async () => noted(await result.giveUp(), note),
  };
}

/** Answers to these are complete without a body, whatever the operation. */
const BODILESS: ReadonlySet<string> = new Set(['HEAD', 'OPTIONS']);

function send(
  attempt: Attempt<AzureBackend>,
  timeMs: number,
  credential: CredentialHeader,
  request: ForwardableRequest,
  destination: Destination,
  holdUntilMs: number,
): Promise<Progress<BackendResponse>> {
  const { backend, deployment } = attempt;
  const limit = limitOf(request, destination, backend, deployment);
  const { path, body, rawHeaders } = address(limit?.request ?? request, destination, deployment);
  const start = request.session && { ...startOf(request, backend), ...request.session };
  const key = request.upgrade === undefined ? undefined : findKey(rawHeaders);
  return new Promise((resolve) => {
    const operation = BODILESS.has(request.method) ? undefined : destination.operation;
    const handler = new AttemptHandler(resolve, operation, holdUntilMs, { key, start });
    if (request.client.hasLeft) return handler.abort();
    request.client.current = handler;
    const headers = headersToBackend(rawHeaders, credential);
    if (request.trace !== undefined) addTraceHeaders(headers, request.trace, backend.name);
    if (backend.deployments !== undefined && destination.operation === 'responses')
      renameInHeaders(headers, backend.deployments);
    // Claude's API has another header name for the same key.
    if (path.startsWith('/anthropic/') && credential[0] === 'api-key')
      headers.push('x-api-key', credential[1]);
    const stream = body && request.upload && openUpload(request, request.upload, body, headers);
    // However long an upload takes, the backend's time begins at its end.
    if (stream === undefined) handler.startTimer(timeMs);
    else stream.once('end', () => handler.startTimer(timeMs));
    const options = {
      method: start === undefined ? request.method : 'GET',
      path: backend.basePath === '' ? path : below(backend.basePath, path),
      headers,
      body: start === undefined ? (stream ?? body ?? null) : null,
      upgrade: request.upgrade ?? null,
    };
    const isRepeatable = !destination.createsObject && stream === undefined;
    // The upgrade alone requests nothing yet.
    const ours = request.credential === undefined ? credential : undefined;
    handler.dispatches.begin(attempt, options, isRepeatable || start !== undefined, ours, limit);
  });
}

/** Returns the limit that the gateway has added to a request, if it has. */
function limitOf(
  request: ForwardableRequest,
  destination: Destination,
  backend: AzureBackend,
  deployment: string,
): AddedLimit<ForwardableRequest> | undefined {
  if (request.addedLimit === undefined) return undefined;
  return new AddedLimit(
    request,
    backend,
    deployment,
    (named) => address(named, destination, deployment).body,
  );
}

/** Returns the beginning of a session at a backend, where every message names its deployment. */
function startOf({ body, editMessage }: ForwardableRequest, backend: AzureBackend) {
  const hasOwnNames = backend.deployment !== undefined || backend.deployments !== undefined;
  const rename = (message: Buffer) => {
    const edited = editMessage === undefined ? message : editMessage(message);
    return hasOwnNames ? renameIn(edited, backend) : edited;
  };
  return { message: body ?? Buffer.alloc(0), rename };
}

function renameIn(message: Buffer, backend: AzureBackend): Buffer {
  const { model } = new RequestContent('responses', message);
  if (model === undefined) return message;
  const place = { in: 'json', range: model.range } as const;
  const name = deploymentAt(backend, model.name);
  return rewriteDeployment({ path: '', body: message }, place, name).body ?? message;
}

/** If the backend's URL is a Foundry project, requests go to that project, whatever project the client names. */
function below(basePath: string, path: string): string {
  const isProject = PROJECT.test(`${basePath}/`);
  return basePath + (isProject ? path.replace(PROJECT, '/') : path);
}

const PROJECT = /^\/api\/projects\/[^/?]+\//i;

/** Keeps the client's own bytes, unless this backend has another name for the deployment. */
function address(
  { body, unpacked, rawHeaders }: ForwardableRequest,
  { path, deployment, deploymentPlace }: Destination,
  name: string,
) {
  if (deploymentPlace === undefined || deployment === name) return { path, body, rawHeaders };
  const plain = unpacked ?? body;
  const rewritten = rewriteDeployment({ path, body: plain }, deploymentPlace, name);
  if (rewritten.body === plain) return { path: rewritten.path, body, rawHeaders };
  const isPacked = unpacked !== undefined;
  return { ...rewritten, rawHeaders: isPacked ? withoutHeader(rawHeaders, 'content-encoding') : rawHeaders };
}

/** Opens an upload with a beginning in which the deployment's name may have another length. */
function openUpload(
  { body }: ForwardableRequest,
  upload: UploadedBody,
  beginning: Buffer,
  headers: string[],
): Readable {
  if (upload.declaredBytes !== undefined) {
    const added = beginning.length - (body?.length ?? 0);
    headers.push('content-length', String(upload.declaredBytes + added));
  }
  return upload.open(beginning);
}
