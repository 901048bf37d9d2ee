import { playEvents } from './play-events.ts';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Cut } from '../exchange/send-answer.ts';
import type { RequestLog } from '../records/request-log.ts';
import type { RequestRecord } from '../records/request-record.ts';
import type { ServerEvent } from './conversation.ts';
import type { Pace } from './play-events.ts';

/** The protocol of a session. */
export interface Protocol {
  /** The events sent to the client before it sends anything. */
  readonly greeting: readonly ServerEvent[];
  /** Answers a text frame. */
  readonly answer: (frame: string) => Iterable<ServerEvent>;
  /** Writes an event as a frame. */
  readonly frameOf: Pace['frameOf'];
  readonly pauseAfter: Pace['pauseAfter'];
}

/** A session and everything that it depends on. */
export interface Session extends Protocol {
  readonly socket: WebSocket;
  /** The connection it runs on. */
  readonly connection: Socket;
  readonly record: RequestRecord;
  readonly log: RequestLog;
  /** Where it is ended; its chunks are the sent frames. */
  readonly cut: Cut | undefined;
}

const closedNormally = 1000;
const vanished = 1006;

/** Runs a session until either end closes it: greets the client, then answers its events. */
export function runSession(session: Session): void {
  const { socket, greeting, answer, record, log, pauseAfter, frameOf, cut } = session;
  const counts = { framesReceived: 0, framesSent: 0, closeCode: undefined as number | undefined };
  record.session = counts;
  let sentBytes = 0;
  let isOver = false;
  const sent = (bytes: number) => {
    counts.framesSent += 1;
    sentBytes += bytes;
    isOver = cut !== undefined && isReached(cut, counts.framesSent, sentBytes);
    if (cut !== undefined && isOver) endSession(session, cut);
    return !isOver;
  };
  const pace = { pauseAfter, frameOf, sent };

  socket.on('message', (data: Buffer, isBinary) => {
    counts.framesReceived += 1;
    if (isOver) return;
    if (isBinary) {
      socket.send(data);
      sent(data.length);
      return;
    }
    playEvents(socket, answer(data.toString()), pace);
  });
  socket.on('close', (code) => {
    counts.closeCode = code;
    log.end(record, code === vanished ? 'aborted' : 'answered');
  });
  // An error closes the socket, with a code that reports it.
  socket.on('error', () => {});
  if (greeting.length > 0) playEvents(socket, greeting, pace);
}

function isReached(
  { afterChunks = Infinity, afterBytes = Infinity }: Cut,
  frames: number,
  bytes: number,
): boolean {
  return frames >= afterChunks || bytes >= afterBytes;
}

function endSession({ socket, connection, record, log }: Session, { ending }: Cut): void {
  if (ending === 'none') return;
  if (ending === 'clean') {
    socket.close(closedNormally);
    return;
  }
  // A reset right after data may overtake it: some kernels drop data that the peer has not read yet.
  setTimeout(() => {
    log.end(record, 'cut');
    if (ending === 'reset') connection.resetAndDestroy();
    else connection.destroy();
  }, 10);
}
