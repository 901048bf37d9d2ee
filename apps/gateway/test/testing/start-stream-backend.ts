import type { ServerResponse } from 'node:http';
import { startHttpBackend, type TestBackend } from './start-backend.ts';

/** A backend whose chat completions are streams that a test writes itself. */
export interface StreamBackend extends TestBackend {
  /** The streams that have begun, each with one word. */
  readonly streams: readonly ServerResponse[];
  /** The connections that requests came on. */
  readonly connections: ReadonlySet<unknown>;
  /** Sends a word on every open stream. */
  say(word: string): void;
  /** Ends every stream cleanly. */
  end(): void;
}

/** Starts a backend that answers requests for streams with streams that stay open, and all others with `{}`. */
export async function startStreamBackend(): Promise<StreamBackend> {
  const streams: ServerResponse[] = [];
  const connections = new Set<unknown>();
  const { url } = await startHttpBackend((request, response) => {
    connections.add(request.socket);
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      if (!body.includes('"stream":true'))
        return void response.setHeader('content-type', 'application/json').end('{}');
      response.setHeader('content-type', 'text/event-stream');
      response.write(event('hello'));
      streams.push(response);
    });
  });
  const say = (word: string) => {
    for (const stream of streams) stream.write(event(word));
  };
  const end = () => {
    for (const stream of streams) stream.end('data: [DONE]\n\n');
  };
  return { url, streams, connections, say, end };
}

function event(word: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: word } }] })}\n\n`;
}
