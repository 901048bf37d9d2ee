import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { startHttpBackend } from './start-backend.ts';

/** The header in which a client says who it is, which backends see too. */
export const WHO = 'x-who';

/** A request that came to a backend, or the opening of a session. */
interface Touch {
  /** The value of `x-who`. */
  readonly who: string | undefined;
  readonly request: string;
  readonly atMs: number;
}

/** A backend that notes everything that reaches it. */
export interface NotingBackend {
  readonly url: string;
  readonly touches: Touch[];
  /** What it does from now on, in turns. */
  behave(deeds: readonly Deed[], elsewhere: string): void;
}

/** What a backend may do with a request. */
export type Deed = 'serve' | 'silence' | 'reset' | keyof typeof REFUSALS;

type Refusal = readonly [status: number, code: string, headers?: Readonly<Record<string, string>>];

/** A redirect leads to itself, or to where the test says. */
const REFUSALS = {
  throttle: [429, 'RateLimitReached', { 'retry-after-ms': '1' }],
  full: [429, 'RateLimitReached', { 'retry-after-ms': '300' }],
  spent: [429, 'RateLimitReached', { 'retry-after': '5' }],
  fail: [500, 'InternalServerError'],
  miss: [404, 'DeploymentNotFound'],
  forbid: [401, 'Unauthorized'],
  'too-long': [400, 'context_length_exceeded'],
  'send-on': [307, '', { location: '/there' }],
  'send-elsewhere': [307, '', { location: 'ELSEWHERE' }],
} as const satisfies Readonly<Record<string, Refusal>>;

export const DEEDS = ['serve', 'silence', 'reset', ...(Object.keys(REFUSALS) as Deed[])] as const;

/** Starts one, until the test ends. */
export async function startNotingBackend(name: string): Promise<NotingBackend> {
  const touches: Touch[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  let deeds: readonly Deed[] = ['serve'];
  let count = 0;
  let elsewhere = '';
  const note = ({ headers, method, url = '' }: IncomingMessage): Deed => {
    count++;
    const request = `${headers.upgrade ?? method} ${url}`;
    touches.push({ who: headers[WHO]?.toString(), request, atMs: performance.now() });
    return url === '/there' ? 'serve' : (deeds[count % deeds.length] ?? 'serve');
  };
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const deed = note(req);
    if (deed === 'reset') return void req.socket.resetAndDestroy();
    let body = '';
    for await (const chunk of req) body += String(chunk);
    if (deed === 'silence') return;
    if (deed === 'serve') return void serve(res, madeBy(name, count, req), body);
    const [status, code, headers]: Refusal = REFUSALS[deed];
    const location = headers?.['location']?.replace('ELSEWHERE', elsewhere + req.url);
    res.writeHead(status, { 'content-type': 'application/json', ...headers, ...(location && { location }) });
    res.end(JSON.stringify({ error: { code, message: 'No.' } }));
  };
  const open = (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    const deed = note(req);
    if (deed === 'silence') return;
    if (deed === 'reset') return void socket.destroy();
    if (deed !== 'serve') {
      const [status, , headers = {}]: Refusal = REFUSALS[deed];
      const lines = Object.entries(headers).map(
        ([key, value]) => `${key}: ${value.replace('ELSEWHERE', elsewhere + req.url)}\r\n`,
      );
      return void socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n${lines.join('')}\r\n`);
    }
    sockets.handleUpgrade(req, socket, head, (session) => {
      session.on('error', () => {});
      session.on('message', () => {
        session.send(JSON.stringify({ type: 'response.completed', response: madeBy(name, count, req) }));
      });
    });
  };
  const { url } = await startHttpBackend((req, res) => void answer(req, res).catch(() => {}), open);
  onTestFinished(() => {
    for (const session of sockets.clients) session.terminate();
  });
  return {
    url,
    touches,
    behave: (next, target) => {
      deeds = next;
      elsewhere = target;
    },
  };
}

/** Returns what a request makes or finds, with an id of its own where it made something. */
function madeBy(name: string, number: number, { method, url = '' }: IncomingMessage): object {
  const id = `${name}${number}`.padEnd(12, '0');
  if (url.includes('client_secrets')) return { value: `ek_${id}` };
  const named = /\/((?:resp|file|batch)[_-]\w+)/.exec(url)?.[1];
  if (named !== undefined) return { id: named };
  if (method === 'GET' && !url.includes('/responses')) return { object: 'list', data: [], has_more: false };
  return { id: url.includes('/files') ? `file-${id}` : `resp_${id}`, status: 'completed', output: [] };
}

function serve(res: ServerResponse, made: object, body: string): void {
  const isStream = body.includes('"stream":true');
  res.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
  const done = { type: 'response.completed', response: made };
  res.end(isStream ? `data: ${JSON.stringify(done)}\n\ndata: [DONE]\n\n` : JSON.stringify(made));
}
