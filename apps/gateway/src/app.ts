import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { answerHealthz, createBackendsPage, createReadyz, type OperatorParts } from './health/health.ts';
import { createProxy, type ProxyParts } from './request/proxy.ts';
import { renderError } from './response/render-error.ts';

/** Everything the gateway serves, in the order it is looked at. */
export function createApp(parts: ProxyParts & OperatorParts): Express {
  const app = express();
  app.disable('x-powered-by');
  // Otherwise Express shows stack traces, should it ever have to render an error itself.
  app.set('env', 'production');

  const proxy = createProxy(parts);
  // First, because Express takes its time over every route that a request passes by.
  app.use((req, res, next) => (isOperatorPath(req.url) ? next() : void proxy(req, res)));
  app.get('/healthz', answerHealthz);
  app.get('/readyz', createReadyz(parts));
  app.get('/admin/backends', createBackendsPage(parts));
  app.use((req, res) => void proxy(req, res));
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => renderError(res, error));

  return app;
}

/** No other spelling, so that a filter in front knows what it has to keep out. */
const OPERATOR_PATH = /^\/(?:healthz|readyz|admin\/backends)(?:\?|$)/;

/** Nearly all begin otherwise, which is seen without a pattern. */
function isOperatorPath(url: string): boolean {
  const beginsLikeOne = url.startsWith('/healthz') || url.startsWith('/readyz') || url.startsWith('/admin/');
  return beginsLikeOne && OPERATOR_PATH.test(url);
}
