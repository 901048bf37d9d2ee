import { type DestinationStream, type Logger, pino } from 'pino';

/** Where lines go. */
export interface LogDestination extends DestinationStream {
  /** Writes a line that is one of many; if it is left out, all are written the same way. */
  writeLater?(line: string): void;
  /** How many lines did not get there. */
  readonly droppedLines?: number;
}

/** The gateway's log: one JSON object a line. */
export type Log = Logger;

/** Makes a log of lines at least as severe as `level`. */
export function createLog(level: string, destination: LogDestination): Log {
  return pino({ level, base: null }, destination);
}

/** Renders what is logged as a line of the log, with its level as pino writes it. */
export type RenderLine<Data> = (data: Data, level: number) => string;

/**
 * Makes what writes many lines of the level `info` to a log, as `render` has them. pino looks at every key of an object for what
 * might need care, which costs a request as much as all the rest that the gateway does for it.
 */
export function createLineLog<Data>(log: Log, render: RenderLine<Data>): (data: Data) => void {
  const { [pino.symbols.streamSym]: destination } = log as Log & {
    readonly [pino.symbols.streamSym]: LogDestination;
  };
  const level = pino.levels.values['info'] as number;
  return (data) => {
    if (log.levelVal > level) return;
    const line = render(data, level);
    if (destination.writeLater === undefined) destination.write(line);
    else destination.writeLater(line);
  };
}
