import { startHttpBackend } from '../testing/start-backend.ts';
import type { RowServer } from './failure-row.ts';

/** Starts a server that answers with the path and the `x-` headers of the request, in place of an object's kind. */
export function echoServer(): Promise<RowServer> {
  return startHttpBackend((request, response) => {
    const headers = Object.keys(request.headers).filter((name) => name.startsWith('x-'));
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ object: [request.url?.split('?')[0], ...headers].join(' ') }));
    });
  });
}
