import type { BackendSession } from '../backend/backend-session.ts';
import { type KeptBytes, KeptShare } from '../overload/kept-bytes.ts';
import type { Answered } from '../telemetry/exchange.ts';
import type { MessageConnection } from '../websocket/message-connection.ts';
import { limitSession, type SessionLimits, whenClosed } from './join-sockets.ts';
import type { SessionEnding } from './session-watch.ts';

/** One direction of a session. */
interface Direction {
  readonly from: MessageConnection;
  readonly to: MessageConnection;
  /** How the session ends if `from` breaks off. */
  readonly brokenOff: SessionEnding;
  readonly pass: (data: Buffer, isBinary: boolean) => boolean;
}

/** Notes how the session ends, the first time, and whether because of a rule rather than a failure. */
type End = (how: SessionEnding, isByRule?: boolean) => void;

/** The time limits of a session, and the limits on its messages. */
export interface MessageSessionLimits extends SessionLimits {
  /** Tells whether a client may send a message; undefined if it may send any. */
  readonly mayAsk?: ((message: Buffer, isBinary: boolean) => boolean) | undefined;
  readonly refuse?: Refuse | undefined;
}

/** Returns the event that tells a client why its message is not passed on; undefined if it is. */
export type Refuse = (message: Buffer) => Promise<Buffer | undefined>;

/** RFC 6455, §7.4.1. */
const POLICY_VIOLATION = 1008;

/**
 * Joins a client and a backend whose messages are read. Each gets the other's, no faster than it reads; in the client's
 * messages the deployment gets the backend's name. Resolves when both connections are over.
 */
export async function joinMessages(
  client: MessageConnection,
  session: BackendSession,
  limits: MessageSessionLimits,
): Promise<Answered> {
  const backend = session.messages;
  let ending: SessionEnding | undefined;
  let isByRule = false;
  const end: End = (how, isOfRule = false) => {
    if (ending !== undefined) return;
    ending = how;
    isByRule = isOfRule;
  };
  const cutOff = (isOfRule = false) => {
    end('interrupted', isOfRule);
    client.destroy();
    backend.destroy();
  };
  const stopLimits = limitSession(client.socket, backend.socket, limits, cutOff);
  const toClient = (data: Buffer, isBinary: boolean) => {
    if (!isBinary) session.watcher?.(data);
    return client.send(data, isBinary);
  };
  const toBackend = passToBackend(client, session, limits, { end, cutOff });

  const over = Promise.all([whenClosed(client.socket), whenClosed(backend.socket)]);
  for (const [data, isBinary] of session.said) toClient(data, isBinary);
  session.said.length = 0;
  direct({ from: backend, to: client, brokenOff: 'interrupted', pass: toClient }, end, limits.kept, cutOff);
  direct({ from: client, to: backend, brokenOff: 'abandoned', pass: toBackend }, end, limits.kept, cutOff);
  await over;
  stopLimits();
  return {
    ending: ending ?? 'complete',
    isByRule,
    bytes: backend.bytesReceived,
    bytesFromClient: client.bytesReceived,
  };
}

/** Creates the function that passes a client's messages on, after checking each where that is wanted. */
function passToBackend(
  client: MessageConnection,
  session: BackendSession,
  { mayAsk, refuse, kept }: MessageSessionLimits,
  { end, cutOff }: { readonly end: End; readonly cutOff: () => void },
): Direction['pass'] {
  const backend = session.messages;
  const tell = createTeller(client, kept);
  let isClosed = false;
  // Some readers take binary messages for text, so they are checked and changed in the same way.
  const look = async (data: Buffer, isBinary: boolean, refusing: Refuse): Promise<void> => {
    // It would be charged, and reach nobody.
    if (isClosed) return;
    const refusal = await refusing(data);
    if (refusal !== undefined) tell(refusal);
    else if (!backend.send(session.rename(data), isBinary)) client.pause();
  };
  // In order: no message may overtake another that is still being checked.
  let last = Promise.resolve();
  return (data, isBinary) => {
    if (mayAsk?.(data, isBinary) === false) {
      isClosed = true;
      end('interrupted', true);
      client.close(POLICY_VIOLATION, 'The client may not ask for this.');
      backend.close();
      return true;
    }
    if (refuse === undefined) return backend.send(session.rename(data), isBinary);
    last = last.then(() => look(data, isBinary, refuse));
    last.catch(() => cutOff());
    return true;
  };
}

/** Creates the function that sends a client its refusals. A client that does not read them is read no further. */
function createTeller(client: MessageConnection, kept: KeptBytes): (refusal: Buffer) => void {
  const share = new KeptShare(kept);
  let isFull = false;
  client.socket.on('drain', () => {
    if (!isFull) return;
    isFull = false;
    share.set(0);
    client.resume();
  });
  client.socket.once('close', () => share.set(0));
  return (refusal) => {
    if (client.send(refusal) || client.socket.destroyed) return;
    isFull = true;
    share.set(client.socket.writableLength);
    client.pause();
  };
}

function direct(
  { from, to, brokenOff, pass }: Direction,
  end: End,
  kept: KeptBytes,
  cutOff: () => void,
): void {
  const share = new KeptShare(kept);
  to.socket.on('drain', () => {
    share.set(0);
    from.resume();
  });
  to.socket.once('close', () => share.set(0));
  from.readBy({
    onMessage(data, isBinary) {
      if (pass(data, isBinary)) return;
      share.set(to.socket.writableLength);
      if (kept.isFarOverLimit) cutOff();
      else from.pause();
    },
    // One side may keep a quiet session alive for both: for the other side, and for what stands between.
    onPing(data) {
      to.ping(data);
    },
    onClose(code, reason) {
      end('complete');
      to.close(code, reason);
    },
    onEnd() {
      end(brokenOff);
      if (!to.isClosing) to.destroy();
    },
  });
}
