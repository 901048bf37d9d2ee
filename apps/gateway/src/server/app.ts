import type { IncomingMessage } from 'node:http';
import express, { type Request, type Response } from 'express';
import { GatewayError } from '../errors.ts';
import { messageClassesOf } from './express-messages.ts';
import { answerHealthz, createBackendsPage, createReadyz, type OperatorParts } from '../admin/probes.ts';
import { checkHead } from '../request/check-head.ts';
import { createProxy, type ProxyParts } from '../proxy/proxy-request.ts';
import { renderError } from '../response/render-error.ts';
import type { ClientResponse, ConnectionOptions } from '../connection/client-connection.ts';
import { Exchange } from '../telemetry/exchange.ts';

/** Answers requests whose turn has come, made of its own classes of messages. */
export interface ClientApp {
  readonly serve: ConnectionOptions['serve'];
  readonly messageClasses: ReturnType<typeof messageClassesOf>;
}

/** Everything the gateway serves, in the order it is looked at. */
export function createApp(parts: ProxyParts & OperatorParts): ClientApp {
  const app = express();
  app.disable('x-powered-by');

  const proxy = createProxy(parts);
  // First, because Express takes its time over every route that a request passes by.
  app.use((req, res, next) => {
    if (!isOperatorPath(req.url)) return proxy(req, asClients(res));
    checkHead(req);
    next();
  });
  app.get('/healthz', answerHealthz);
  app.get('/readyz', createReadyz(parts));
  app.get('/admin/backends', createBackendsPage(parts));

  const { log, nowMs, nextId, record } = parts;
  const fail = (error: unknown, req: IncomingMessage, res: ClientResponse) => {
    const exchange = new Exchange(nextId(), nowMs(), req.method ?? '');
    if (!(error instanceof GatewayError)) log.error(error, 'a request failed inside the gateway');
    renderError(res, error, { 'x-spillway-request-id': exchange.id });
    exchange.status = res.statusCode;
    record(exchange);
  };
  const serve: ClientApp['serve'] = (req, res) => {
    // Express reads paths only.
    if (!req.url?.startsWith('/')) return proxy(req, res);
    app(req as Request, res as unknown as Response, (error?: unknown) =>
      error === undefined ? proxy(req, res) : fail(error, req, res),
    );
  };
  return { serve, messageClasses: messageClassesOf(app) };
}

function asClients(res: Response): ClientResponse {
  return res as unknown as ClientResponse;
}

/** No other spelling, so that a filter in front knows what it has to keep out. */
const OPERATOR_PATH = /^\/(?:healthz|readyz|admin\/backends)(?:\?|$)/;

/** Nearly all begin otherwise, which is seen without a pattern. */
function isOperatorPath(url: string): boolean {
  const beginsLikeOne = url.startsWith('/healthz') || url.startsWith('/readyz') || url.startsWith('/admin/');
  return beginsLikeOne && OPERATOR_PATH.test(url);
}
