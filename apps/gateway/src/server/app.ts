import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Request, type Response } from 'express';
import { answerHealthz, createReadyz, type ProbeParts } from '../admin/probes.ts';
import type { ClientResponse, ConnectionOptions } from '../connection/client-connection.ts';
import { GatewayError } from '../errors.ts';
import { isPreflight } from '../headers/cors.ts';
import { createProxyRequest } from '../proxy/proxy-request.ts';
import type { Runtime } from '../proxy/runtime.ts';
import { checkHead } from '../request/check-head.ts';
import { renderError, requestIdHeaders } from '../response/render-error.ts';
import { Exchange, recordEnd } from '../telemetry/exchange.ts';
import { asksForSession, messageClassesOf } from './express-messages.ts';

/** Answers requests whose turn has come, built from its own message classes. */
export interface ClientApp {
  readonly serve: ConnectionOptions['serve'];
  readonly messageClasses: ReturnType<typeof messageClassesOf>;
}

/** Creates the handler of everything that the gateway serves, in the order of its checks. */
export function createApp(current: () => Runtime, probes: Omit<ProbeParts, 'current'>): ClientApp {
  const app = express();
  app.disable('x-powered-by');

  const proxy = createProxyRequest(current);
  // First, as Express spends time on every route before the matching one.
  app.use((req, res, next) => {
    if (!isProbePath(req.url)) {
      if (!answerBrowser(current(), req, res)) proxy(req, asClients(res));
      return;
    }
    checkHead(req);
    next();
  });
  app.get(['/', '/healthz'], answerHealthz);
  app.get('/readyz', createReadyz({ current, ...probes }));

  const serve: ClientApp['serve'] = (req, res) => {
    if (req.url !== undefined) req.url = current().readPath(req.url);
    // Express handles only paths.
    if (!req.url?.startsWith('/')) return proxy(req, res);
    app(req as Request, res as unknown as Response, (error?: unknown) =>
      error === undefined ? proxy(req, res) : fail(current(), error, req, res),
    );
  };
  const asksHere = (req: IncomingMessage) => asksForSession(req, current().readPath(req.url ?? ''));
  return { serve, messageClasses: messageClassesOf(app, asksHere) };
}

/** Adds to a coming response the headers that say which web pages may read it, and answers preflight requests. */
function answerBrowser(runtime: Runtime, req: IncomingMessage, res: ServerResponse): boolean {
  const { cors } = runtime;
  if (cors === undefined) return false;
  res.setHeaders(new Map(Object.entries(cors.headersFor(req.headers.origin))));
  if (!isPreflight(req.method, req.headers)) return false;
  const exchange = new Exchange(runtime.nextId(), runtime.nowMs(), 'OPTIONS');
  res.writeHead(204, { ...requestIdHeaders(exchange.id), ...cors.preflightHeaders(req.headers) }).end();
  recordEnd(exchange, 204, runtime);
  return true;
}

/** Answers and records a request that failed before it was known what to do with it. */
function fail(runtime: Runtime, error: unknown, req: IncomingMessage, res: ClientResponse): void {
  const exchange = new Exchange(runtime.nextId(), runtime.nowMs(), req.method ?? '');
  if (!(error instanceof GatewayError)) runtime.log.error(error, 'a request failed inside the gateway');
  renderError(res, error, exchange.id);
  recordEnd(exchange, res.statusCode, runtime);
}

function asClients(res: Response): ClientResponse {
  return res as unknown as ClientResponse;
}

/** Only this exact spelling, so that a filter in front knows what to block. */
const PROBE_PATH = /^\/(?:|healthz|readyz)(?:\?|$)/;

/** Nearly all requests begin otherwise, which is checked without a pattern. */
function isProbePath(url: string): boolean {
  const second = url[1];
  if (second !== undefined && second !== '?' && second !== 'h' && second !== 'r') return false;
  return PROBE_PATH.test(url);
}
