import { type DestinationStream, type Logger, pino } from 'pino';

/** The gateway's log: one JSON object a line. */
export type Log = Logger;

/** Makes a log of lines at least as severe as `level`. */
export function createLog(level: string, destination: DestinationStream): Log {
  return pino({ level, base: null }, destination);
}

/** Writes a line out of what was logged. `time` is a whole member: `,"time":1700000000000`. */
export type RenderLine<Data> = (data: Data, message: string, level: number, time: string) => string;

/**
 * Makes a log under the same level and destination whose lines are written by `render`. pino looks at every key of an
 * object for what might need care, which costs a request as much as all the rest that the gateway does for it.
 */
export function createRenderedLog<Data>(log: Log, render: RenderLine<Data>): Log {
  return Object.assign(log.child({}), { [pino.symbols.asJsonSym]: render });
}
