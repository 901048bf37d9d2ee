import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { AdminError, sendError, sendJson } from './admin-error.ts';
import type { AdminParts } from './admin-parts.ts';
import { type Endpoint, endpoints, unauthorized } from './endpoints.ts';
import { checkOrigin, checkWrite } from './guard.ts';
import { describeApi, OPENAPI_PATH } from './openapi.ts';
import { servePage } from './page.ts';
import { readJson } from './read-json.ts';

/** Creates the handler for every request to the operators' listener. */
export function createAdminApp(
  parts: AdminParts,
  allowedHosts: readonly string[],
): (request: IncomingMessage, response: ServerResponse) => void {
  const app = express();
  app.disable('x-powered-by');
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.use((request, _response, next) => {
    checkOrigin(request, allowedHosts);
    next();
  });
  app.use((request, response, next) => {
    if (!servePage(request, response)) next();
  });
  for (const endpoint of all) {
    const path = endpoint.path.replace(/\{(\w+)\}/g, ':$1');
    app[endpoint.method](path, (request, response) => serve(endpoint, request, response, parts));
  }
  app.use((request: Request) => {
    throw missing(request, parts);
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    fail(error, response, parts);
  });
  return app;
}

/** By the cookie's name. */
const documents = new Map<string, object>();

/** Built at the first request for it, as few operators ever ask. */
const OPENAPI: Endpoint = {
  method: 'get',
  path: OPENAPI_PATH,
  summary: '',
  serve(_, { sessions: { cookieName } }) {
    const document = documents.get(cookieName) ?? describeApi(cookieName);
    documents.set(cookieName, document);
    return document;
  },
};

const all = [...endpoints, OPENAPI];

async function serve(
  endpoint: Endpoint,
  request: Request,
  response: Response,
  parts: AdminParts,
): Promise<void> {
  if (endpoint.method !== 'get') checkWrite(request, endpoint.body !== undefined);
  if (!endpoint.isOpen && !parts.sessions.isKnown(request, Date.now())) throw unauthorized();
  const body = endpoint.body && (await readJson(request, endpoint.body));
  const parameters = request.params as Record<string, string>;
  const answer = await endpoint.serve({ parameters, body, request, response }, parts);
  if (answer !== undefined) sendJson(response, 200, answer);
}

/** Only a client with a token learns which paths exist. */
function missing(request: Request, { sessions }: AdminParts): AdminError {
  if (!sessions.isKnown(request, Date.now())) return unauthorized();
  const allowed = all
    .filter(({ path }) => isPathOf(path, request.path))
    .map(({ method }) => method.toUpperCase());
  if (allowed.length > 0)
    return new AdminError(405, `Only ${allowed.join(' and ')} can be used here.`, {
      allow: allowed.join(', '),
    });
  return new AdminError(404, `There is nothing here. ${OPENAPI_PATH} lists what there is.`);
}

/** Parameters are in braces. */
function isPathOf(known: string, asked: string): boolean {
  const parts = asked.split('/');
  const named = known.split('/');
  return (
    parts.length === named.length &&
    named.every((part, at) => part === parts[at] || (part.startsWith('{') && parts[at] !== ''))
  );
}

function fail(error: unknown, response: Response, { log }: AdminParts): void {
  const { status } = error as { readonly status?: number };
  if (response.headersSent) {
    response.destroy();
  } else if (error instanceof AdminError) {
    sendError(response, error);
  } else if (status === 400) {
    // From Express itself, which could not decode the path.
    sendError(response, new AdminError(400, 'The path cannot be decoded.'));
  } else {
    log.error(error, 'a request of an operator failed');
    sendError(response, new AdminError(500, 'This failed inside the gateway; its log says why.'));
  }
}
