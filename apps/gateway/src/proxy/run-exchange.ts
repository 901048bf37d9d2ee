import type { ServerResponse } from 'node:http';
import type { Authenticate } from '../client/authenticate.ts';
import type { Client } from '../client/client.ts';
import { AuthenticationFailed } from '../client/authentication-failed.ts';
import { isBudgetRefusal } from '../client/budget-refused.ts';
import { IssuerUnavailable } from '../client/signing-keys.ts';
import { breakOff } from '../connection/break-off.ts';
import { GatewayError } from '../errors.ts';
import { overloaded } from '../overload/load.ts';
import { leftEarly } from '../request/accept.ts';
import { checkHead } from '../request/check-head.ts';
import { KeptBody } from '../request/kept-body.ts';
import type { ResponseContext } from '../response/respond.ts';
import { classifyRoute } from '../route/classify-route.ts';
import { requireDeployment } from '../route/deployment-place.ts';
import { Exchange, recordEnd } from '../telemetry/exchange.ts';
import { tellsOwnUsage } from '../usage/metering.ts';
import { watchUsage } from '../usage/usage-watch.ts';
import { allow, type Allowed } from './allow.ts';
import type { Accepted, Caller, ClientVerdict, Holdings } from './caller.ts';
import { ClientBill } from './client-bill.ts';
import type { Runtime } from './runtime.ts';
import { serve } from './serve.ts';

/** Runs one request or session from its arrival to its record: the straight line that all of them follow. */
export async function runExchange(shared: Runtime, caller: Caller): Promise<void> {
  const { load, nowMs } = shared;
  const exchange = new Exchange(shared.nextId(), nowMs(), caller.method);
  exchange.noteTrace(caller.headers['traceparent'], shared.beginTrace);
  const kept = new KeptBody(load.kept, caller.contentLength);
  const end = () => {
    exchange.isEndedByRule = true;
    caller.request.socket.destroy();
  };
  const holdings: Holdings = { end, leases: [], kept, request: undefined, bill: undefined, meter: undefined };
  load.enter();
  try {
    load.check(caller.connection);
    checkHead(caller.request);
    const identity = shared.clients.authenticate && identify(shared.clients.authenticate, caller);
    const known = identity instanceof Promise ? await identity : identity;
    exchange.client = known?.name;
    const runtime = known === undefined ? shared : runtimeOf(known, shared);
    if (known !== undefined && caller.isSession) holdings.forget = watchSession(known, caller, shared, end);
    const accepted = (holdings.request = await caller.accept(holdings, runtime));
    accepted.caller = known;
    if (exchange.trace !== undefined) accepted.trace = exchange.trace;
    exchange.noteRequest(accepted);

    const allowed = routeOf(accepted, { caller, runtime, exchange });
    const { request, route, batch } = allowed instanceof Promise ? await allowed : allowed;
    const routing = runtime.routingRequestOf(request, route);
    exchange.priorityClass = routing.priorityClass;
    exchange.estimate = routing.estimate;

    if (known?.budgets !== undefined) holdings.bill = new ClientBill(known, nowMs, batch);
    const verdict = await serve(runtime, request, route, routing, { holdings, exchange });
    const { client } = request;
    exchange.noteVerdict(verdict, client.waitedMs, nowMs());
    if (verdict.kind === 'abandoned' && client.refusal !== undefined) throw client.refusal;

    const tellsOwn = tellsOwnUsage(request.method, route.operation);
    const usage = tellsOwn ? watchUsage(verdict, runtime.wantsUsage) : undefined;
    const context = contextOf(runtime, exchange, request, holdings);
    exchange.noteAnswered(await caller.respond(verdict, context, runtime));
    if (!caller.isSession) noteAnswerEnd(verdict, exchange, runtime);
    exchange.usage = usage?.end(nowMs());
    // A packed answer is read beside its client, and its usage may be known later.
    const whenRead = holdings.meter?.whenRead;
    if (whenRead !== undefined) await whenRead;
  } catch (error) {
    answerError(shared, caller, exchange, error);
  } finally {
    endExchange(shared, caller, exchange, holdings);
  }
}

/** Tells the pool whether a good answer has arrived whole. A client that leaves says nothing of that. */
function noteAnswerEnd(
  verdict: ClientVerdict,
  { served, ending, isEndedByRule }: Exchange,
  { pool, nowMs }: Runtime,
): void {
  if (verdict.kind !== 'relay' || served?.outcome.kind !== 'succeeded') return;
  if (ending === 'abandoned' || isEndedByRule) return;
  pool.noteAnswerEnd(verdict.lease, ending === 'complete', nowMs());
}

interface Routing {
  readonly caller: Caller;
  readonly runtime: Runtime;
  readonly exchange: Exchange;
}

/** Finds the route of a request, and whether its client may use it. */
function routeOf(request: Accepted, { caller, runtime, exchange }: Routing): Allowed | Promise<Allowed> {
  const { method, url, body, unpacked, contentType, upload, isCutShort = false } = request;
  const route = classifyRoute(method, url, unpacked ?? body, contentType);
  exchange.noteRoute(route);
  if (upload !== undefined) caller.response.setHeader('x-spillway-replay', 'none');
  if (upload !== undefined || isCutShort) requireDeployment(route, upload?.bytes ?? 0, isCutShort);
  if (request.caller === undefined) return { request, route };
  return (isCutShort ? allowUnread : allow)(request.caller, runtime, request, route);
}

/**
 * Allows a request that was cut short.
 *
 * @throws GatewayError `overloaded` where it would be refused because not all of it was read
 */
async function allowUnread(...asked: Parameters<typeof allow>): Promise<Allowed> {
  try {
    return await allow(...asked);
  } catch (error) {
    if (error instanceof GatewayError && UNREAD.has(error.error))
      throw overloaded('too many request bodies are kept');
    throw error;
  }
}

const UNREAD: ReadonlySet<string> = new Set(['bad-request', 'body-too-large']);

/** Returns the client that sends a request, before any of its body is read. */
function identify(authenticate: Authenticate, { request, response }: Caller): Client | Promise<Client> {
  const found = authenticate(request);
  if (!(found instanceof Promise)) return found;
  return found.then((client) => {
    // No later event would report that the client has left.
    if (response.destroyed) throw leftEarly();
    return client;
  });
}

/** A session must not outlive the credential that it was opened with. */
function watchSession(
  client: Client,
  { request }: Caller,
  { clients, clientMemory }: Runtime,
  end: () => void,
) {
  const credential = clients.credentialOf(request);
  return credential && clientMemory.sessions.add({ client, credential, end });
}

/** @throws GatewayError `forbidden` if no backend has the tags that the client requires */
function runtimeOf(client: Client, shared: Runtime): Runtime {
  const runtime = shared.ofClient(client);
  if (runtime.pool.size > 0) return runtime;
  throw new GatewayError('forbidden', 'No backend has all the tags that this client requires.');
}

function contextOf(
  { pool, config, nowMs, cors, links }: Runtime,
  { id, deployment = '', fallbackFrom }: Exchange,
  request: Accepted,
  { bill, meter }: Holdings,
): ResponseContext {
  return {
    requestId: id,
    deployment,
    request,
    client: request.client,
    backends: pool.backends,
    snapshots: () => pool.snapshots(deployment, nowMs()),
    exposeBackendUrl: config.exposeBackendUrl,
    maxResponseMs: config.timeouts.maxResponseMs,
    heartbeatMs: config.stream.heartbeatMs,
    cors,
    links,
    fallback: fallbackFrom === undefined ? undefined : deployment,
    budget: bill,
    meter,
  };
}

function answerError({ log }: Runtime, caller: Caller, exchange: Exchange, error: unknown): void {
  if (!(error instanceof GatewayError)) log.error(error, 'a request failed inside the gateway');
  if (error instanceof AuthenticationFailed || error instanceof IssuerUnavailable)
    exchange.authenticationFailure = error.reason;
  exchange.refusal = error instanceof GatewayError ? error.error : 'internal';
  exchange.isOverBudget = isBudgetRefusal(error);
  if (caller.response.destroyed) exchange.ending = 'abandoned';
  caller.refuse(error, exchange.id);
}

/** Releases everything that a request holds, so that others can have it, and has it recorded. */
function endExchange(
  runtime: Runtime,
  { response, connection }: Caller,
  exchange: Exchange,
  { kept, leases, request, bill, meter, forget }: Holdings,
): void {
  const { load, pool, room, nowMs } = runtime;
  forget?.();
  kept.release();
  load.leave();
  const endedMs = nowMs();
  for (const lease of leases) pool.endLease(lease, endedMs);
  room?.lookAgain();
  // The gateway broke it off, not the client.
  const isOurs = connection.isCutOff || exchange.isEndedByRule;
  if (isOurs && exchange.ending === 'abandoned') exchange.ending = 'interrupted';
  if (request !== undefined) endUpload(request, response, exchange);
  exchange.metered = meter?.end();
  exchange.usage ??= exchange.metered?.usage;
  bill?.settleEnd(exchange, meter?.answerId);
  recordEnd(exchange, response.statusCode, runtime, endedMs);
}

function endUpload({ upload, client }: Accepted, response: ServerResponse, exchange: Exchange): void {
  if (upload === undefined) return;
  exchange.isUpload = true;
  exchange.requestBytes = upload.bytes;
  // The answer may be half written when the request turns out to be too large.
  if (client.refusal !== undefined && !response.writableEnded) breakOff(response);
  upload.dismiss();
}
