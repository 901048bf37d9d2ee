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
  /** Whether bytes waited for its reader at the last look. */
  wasBehind: boolean;
}

/**
 * Limits the connections of a server. When it nears the limit, it closes connections that are idle, have not sent a whole
 * request, or do not read their response, so that nobody locks others out by holding them.
 */
export function limitConnections(server: Server, max: number): void {
  const uses = new Map<Socket, Use>();
  let timer: NodeJS.Timeout | undefined;
  const closeIdle = () => {
    timer = undefined;
    const nowMs = performance.now();
    for (const [socket, use] of uses) if (isHeld(socket, use, nowMs)) socket.destroy();
    lookAgain();
  };
  const lookAgain = () => {
    if (uses.size >= max * NEAR) timer ??= setTimeout(closeIdle, IDLE_MS).unref();
  };
  server.maxConnections = max;
  server.on('connection', (socket: Socket) => {
    uses.set(socket, { underWay: 0, sinceMs: performance.now(), wasBehind: false });
    socket.once('close', () => uses.delete(socket));
    lookAgain();
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const use = uses.get(request.socket);
    if (use !== undefined) follow(use, request, response);
  });
}

/**
 * Returns whether a connection is held for nothing. Responses are ready at once, so unsent bytes wait for a slow reader.
 * A viewer of the live page has read each snapshot long before the next one, so only stalled connections lag at two looks
 * in a row.
 */
function isHeld(socket: Socket, use: Use, nowMs: number): boolean {
  if (use.underWay === 0) return nowMs - use.sinceMs >= IDLE_MS;
  const { wasBehind } = use;
  use.wasBehind = socket.writableLength > 0;
  return wasBehind && use.wasBehind;
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
