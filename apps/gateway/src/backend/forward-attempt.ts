import { type Attempt, type AttemptResult, type HeaderLookup, needsBodyToJudge } from '@spillway/core';
import type { Dispatcher } from 'undici';
import { headersToBackend } from '../headers/to-backend.ts';
import type { ResponseHeaders } from '../headers/to-client.ts';
import type { AzureBackend } from './azure-backend.ts';
import { BackendBody } from './backend-body.ts';
import type { CredentialHeader } from './credentials/credential.ts';
import { type DeploymentPlace, rewriteDeployment } from './rewrite-deployment.ts';
import { classifyTransportError } from './transport-error.ts';

/** What the backends' side needs to know of a request; whoever accepted it knows more. */
export interface ForwardableRequest {
  readonly method: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer | undefined;
  readonly client: { readonly hasLeft: boolean; current: { abort(): void } | undefined };
}

/** Where a request goes at a backend that knows its deployment by the name the client used. */
export interface Destination {
  readonly path: string;
  readonly deployment: string;
  readonly deploymentPlace?: DeploymentPlace | undefined;
}

/** A backend's answer whose body is still to be read. */
export interface BackendResponse {
  readonly statusMessage: string | undefined;
  readonly headers: ResponseHeaders;
  readonly body: BackendBody;
}

/** Error bodies are short. One that is not is judged by its start. */
const JUDGED_BYTES = 16_384;

/** Sends one attempt and answers what came of it as soon as that can be judged. Never rejects. */
export function forwardAttempt(
  attempt: Attempt<AzureBackend>,
  request: ForwardableRequest,
  destination: Destination,
): Promise<AttemptResult<BackendResponse>> {
  const { credential } = attempt.backend;
  const header = credential.current();
  if (header !== undefined) return send(attempt, header, request, destination);
  return credential.fetch().then(
    (fetched) => send(attempt, fetched, request, destination),
    () => ({ kind: 'failed', failure: 'credential', wasSent: false }),
  );
}

function send(
  { backend, deployment }: Attempt<AzureBackend>,
  credential: CredentialHeader,
  request: ForwardableRequest,
  destination: Destination,
): Promise<AttemptResult<BackendResponse>> {
  const { path, body } = address(request, destination, deployment);
  return new Promise((resolve) => {
    const handler = new AttemptHandler(resolve, backend.responseHeadersMs);
    if (request.client.hasLeft) return handler.abort();
    request.client.current = handler;
    backend.dispatcher.dispatch(
      {
        method: request.method,
        path: backend.basePath + path,
        headers: headersToBackend(request.rawHeaders, backend.host, credential),
        body: body ?? null,
      },
      handler,
    );
  });
}

/** The client's own bytes, unless this backend has another name for the deployment. */
function address(
  { body }: ForwardableRequest,
  { path, deployment, deploymentPlace }: Destination,
  name: string,
) {
  if (deploymentPlace === undefined || deployment === name) return { path, body };
  return rewriteDeployment({ path, body }, deploymentPlace, name);
}

/** Turns undici's events into one result, and from then on into a body. */
class AttemptHandler implements Dispatcher.DispatchHandler {
  readonly #resolve: (result: AttemptResult<BackendResponse>) => void;
  readonly #responseHeadersMs: number;
  #headersTimer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #isAborted = false;
  #isSent = false;
  #isJudged = false;
  #status = 0;
  #header: HeaderLookup = () => undefined;
  #response: BackendResponse | undefined;

  constructor(resolve: (result: AttemptResult<BackendResponse>) => void, responseHeadersMs: number) {
    this.#resolve = resolve;
    this.#responseHeadersMs = responseHeadersMs;
  }

  /** Ends the attempt, or the body that came of it, because the client has left. */
  abort(): void {
    this.#isAborted = true;
    // Before undici hears of it, which would report a failure of the backend.
    this.#settle({ kind: 'aborted' });
    this.#controller?.abort(new Error('the client left'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#isSent = true;
    this.#controller = controller;
    if (this.#isAborted) return this.abort();
    this.#headersTimer = setTimeout(giveUp, this.#responseHeadersMs, this);
  }

  /** Ends the attempt because its response's headers take too long. */
  giveUp(): void {
    this.#settle({ kind: 'failed', failure: 'header-timeout', wasSent: true });
    this.#controller?.abort(new Error('no response headers in time'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
    statusMessage?: string,
  ): void {
    // 1xx: the response proper is still to come.
    if (status < 200) return;
    clearTimeout(this.#headersTimer);
    this.#status = status;
    this.#header = (name) => headers[name]?.toString();
    this.#response = { statusMessage, headers, body: new BackendBody(controller) };
    if (!needsBodyToJudge(status, this.#header)) this.#judge();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const body = this.#response?.body;
    body?.push(chunk);
    if (body && body.keptBytes >= JUDGED_BYTES) this.#judge();
  }

  onResponseEnd(): void {
    this.#response?.body.end();
    this.#judge();
    // As the body does, and for the same reason.
    this.#controller = undefined;
    this.#response = undefined;
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#response !== undefined && this.#isJudged) this.#response.body.break();
    else this.#settle({ kind: 'failed', failure: classifyTransportError(error), wasSent: this.#isSent });
  }

  #judge(): void {
    const response = this.#response;
    if (response === undefined || this.#isJudged) return;
    this.#settle({
      kind: 'answered',
      status: this.#status,
      header: this.#header,
      bodyText: needsBodyToJudge(this.#status, this.#header) ? response.body.keptText() : undefined,
      body: response,
    });
  }

  #settle(result: AttemptResult<BackendResponse>): void {
    if (this.#isJudged) return;
    this.#isJudged = true;
    clearTimeout(this.#headersTimer);
    this.#resolve(result);
  }
}

/** Not a closure, of which there would be one for every request. */
function giveUp(handler: AttemptHandler): void {
  handler.giveUp();
}
