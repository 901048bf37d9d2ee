import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { closeSoon } from '../connection/close-soon.ts';
import { lookEveryMs, SendProgress } from '../connection/send-progress.ts';
import { type KeptBytes, KeptShare } from '../overload/kept-bytes.ts';
import { SessionWatch } from './session-watch.ts';

/** A client that ends its half no longer waits for anything. */
const CLIENT_LINGER_MS = 80;

/** The time limits of a session. */
export interface SessionLimits {
  readonly sessionIdleMs: number;
  readonly clientStallMs: number;
  readonly maxResponseMs?: number | undefined;
  /** The bytes read on all sessions and not yet taken by the other side. */
  readonly kept: KeptBytes;
  /** Sees the backend's bytes. */
  readonly meter?: { seeFromBackend(chunk: Buffer): void } | undefined;
}

/**
 * Joins a client and a backend: from now on each gets the other's bytes, unchanged and no faster than it reads. The end
 * of one half is passed on as such; a connection that breaks takes the other with it. Resolves when both are over.
 */
export async function joinSockets(
  client: Socket,
  backend: Socket,
  early: Buffer,
  limits: SessionLimits,
): Promise<SessionWatch> {
  const watch = new SessionWatch();
  client.on('data', (chunk: Buffer) => watch.seeFromClient(chunk));
  backend.on('data', (chunk: Buffer) => watch.seeFromBackend(chunk));
  const { meter } = limits;
  if (meter !== undefined) backend.on('data', (chunk: Buffer) => meter.seeFromBackend(chunk));
  client.once('end', () => watch.end('abandoned')).once('close', () => watch.end('abandoned'));
  backend.once('end', () => watch.end('interrupted')).once('close', () => watch.end('interrupted'));
  const bothClosed = Promise.all([whenClosed(client), whenClosed(backend)]);
  const cutOff = (isByRule = false) => {
    watch.isByRule = isByRule;
    watch.end('interrupted');
    client.destroy();
    backend.destroy();
  };
  const stopLimits = limitSession(client, backend, limits, cutOff);

  if (early.length > 0) {
    watch.seeFromClient(early);
    backend.write(early);
  }
  for (const [from, to] of [[client, backend] as const, [backend, client] as const]) {
    // The connection's close, which follows, reports it.
    from.on('error', () => {});
    from.once('close', () => (from.readableEnded ? closeSoon(to) : to.destroy()));
    passOn(from, to, limits.kept, cutOff);
  }
  client.once('end', () => setTimeout(() => backend.destroy(), CLIENT_LINGER_MS));
  await bothClosed;
  stopLimits();
  return watch;
}

/** Cuts off a session that lasts too long, or is idle for too long. Returns the function to stop that. */
export function limitSession(
  client: Socket,
  backend: Socket,
  { sessionIdleMs, clientStallMs, maxResponseMs }: SessionLimits,
  cutOff: (isByRule?: boolean) => void,
): () => void {
  client.setTimeout(sessionIdleMs, () => cutOff(true));
  // Whether a client takes its bytes is checked for all connections elsewhere.
  const progress = new SendProgress(backend);
  const look = () => {
    if (progress.hasStalled(performance.now(), clientStallMs)) cutOff();
  };
  const looks = setInterval(look, lookEveryMs(clientStallMs));
  const longest = maxResponseMs === undefined ? undefined : setTimeout(() => cutOff(true), maxResponseMs);
  return () => {
    clearInterval(looks);
    clearTimeout(longest);
  };
}

/** Not `once` of node:events, which rejects at an error. */
export function whenClosed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', resolve);
  });
}

/** This much is read ahead of the other side, to notice a peer that leaves while the other does not read. */
const AHEAD_BYTES = 262_144;

/**
 * Passes on the bytes of one side of a session, reading a little ahead of the other; on all sessions together within
 * the limit of `kept`.
 *
 * @param giveUp ends the session, as far too much is kept
 */
function passOn(from: Duplex, to: Duplex, kept: KeptBytes, giveUp: () => void): void {
  const share = new KeptShare(kept);
  from.on('data', (chunk: Buffer) => {
    const isTaken = to.write(chunk);
    if (isTaken) return;
    share.set(to.writableLength);
    if (kept.isFarOverLimit) giveUp();
    else if (kept.isOverLimit || to.writableLength > AHEAD_BYTES) from.pause();
  });
  to.on('drain', () => {
    share.set(0);
    from.resume();
  });
  to.once('close', () => share.set(0));
  from.once('end', () => to.end());
  from.resume();
}
