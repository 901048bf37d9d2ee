import { type DestinationStream, type Logger, pino } from 'pino';

/** The gateway's log: one JSON object a line. */
export type Log = Logger;

/** Lines are written together once there is this much of them, or after the interval; a request never waits for it. */
const BUFFERED_BYTES = 4096;
const FLUSH_EVERY_MS = 250;
/** With a reader that stalls, lines are dropped rather than memory filled. */
const MOST_UNWRITTEN_BYTES = 16 * 1024 * 1024;

/** Where log lines go unless a test says otherwise. */
export function logToStdout(): DestinationStream & { flushSync(): void } {
  return pino.destination({
    fd: 1,
    sync: false,
    minLength: BUFFERED_BYTES,
    periodicFlush: FLUSH_EVERY_MS,
    maxLength: MOST_UNWRITTEN_BYTES,
  });
}

/** Makes a log of lines at least as severe as `level`. */
export function createLog(level: string, destination: DestinationStream): Log {
  return pino({ level, base: null }, destination);
}
