import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { answerHealthz, createReadyz, type ReadinessParts } from './health/health.ts';
import { createProxy, type ProxyParts } from './request/proxy.ts';
import { renderError } from './response/render-error.ts';

/** Everything the gateway serves, in the order it is looked at. */
export function createApp(parts: ProxyParts & ReadinessParts): Express {
  const app = express();
  app.disable('x-powered-by');
  // Otherwise Express shows stack traces, should it ever have to render an error itself.
  app.set('env', 'production');

  app.get('/healthz', answerHealthz);
  app.get('/readyz', createReadyz(parts));
  app.use(createProxy(parts));
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => renderError(res, error));

  return app;
}
