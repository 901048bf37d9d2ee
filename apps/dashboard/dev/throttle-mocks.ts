import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Plugin } from 'vite';

const MAX_SECONDS = 60;

/** Answers requests of the page's buttons that make mock backends answer 429 for a while: `POST /dev/throttle`. */
export function throttleMocks(mocks: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'throttle-mocks',
    configureServer({ middlewares }) {
      middlewares.use('/dev/throttle', (request, response) => {
        throttle(mocks, request).then(
          () => answer(response, 204, ''),
          (error: unknown) => answer(response, 502, String(error)),
        );
      });
    },
  };
}

async function throttle(mocks: ReadonlyMap<string, string>, request: IncomingMessage): Promise<void> {
  // A form of another page cannot send JSON.
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json')
    throw new Error('POST JSON here.');
  const { backends, seconds } = (await json(request)) as { backends: string[]; seconds: number };
  const wholeSeconds = Math.min(MAX_SECONDS, Math.max(1, Math.round(seconds)));
  const body = `${wholeSeconds}s throttle(retry-after=${wholeSeconds})`;
  await Promise.all(
    backends.map(async (backend) => {
      const url = mocks.get(backend);
      if (url === undefined) throw new Error(`"${backend}" is none of the mocks of pnpm dev.`);
      const { ok, status } = await fetch(new URL('/_mock/script', url), { method: 'PUT', body });
      if (!ok) throw new Error(`The mock ${backend} answered ${status}.`);
    }),
  );
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
}
