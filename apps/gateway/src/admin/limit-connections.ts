import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { hasBody } from '../request/has-body.ts';

/** A connection without a request for this long is idle. */
const IDLE_MS = 2000;
/** From this share of the allowed connections on, idle ones are closed. */
const NEAR = 3 / 4;

interface Use {
  underWay: number;
  sinceMs: number;
}

/**
 * Limits the connections of a server. When it nears the limit, it closes connections that are idle or have not sent a
 * whole request, so that nobody locks others out by holding them.
 */
export function limitConnections(server: Server, max: number): void {
  const uses = new Map<Socket, Use>();
  let timer: NodeJS.Timeout | undefined;
  const closeIdle = () => {
    timer = undefined;
    const nowMs = performance.now();
    for (const [socket, { underWay, sinceMs }] of uses)
      if (underWay === 0 && nowMs - sinceMs >= IDLE_MS) socket.destroy();
    lookAgain();
  };
  const lookAgain = () => {
    if (uses.size >= max * NEAR) timer ??= setTimeout(closeIdle, IDLE_MS).unref();
  };
  server.maxConnections = max;
  server.on('connection', (socket: Socket) => {
    uses.set(socket, { underWay: 0, sinceMs: performance.now() });
    socket.once('close', () => uses.delete(socket));
    lookAgain();
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const use = uses.get(request.socket);
    if (use !== undefined) follow(use, request, response);
  });
}

/** Counts a request as under way from the end of its body to the end of its response. */
function follow(use: Use, request: IncomingMessage, response: ServerResponse): void {
  let isUnderWay = false;
  const begin = () => {
    isUnderWay = true;
    use.underWay++;
  };
  use.sinceMs = performance.now();
  if (hasBody(request)) request.once('end', begin);
  else begin();
  response.once('close', () => {
    // A body that nobody reads may end after its response.
    request.off('end', begin);
    if (isUnderWay) use.underWay--;
    use.sinceMs = performance.now();
  });
}
