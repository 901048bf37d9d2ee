import { type DestinationStream, type Logger, pino } from 'pino';

/** The destination of lines. */
export interface LogDestination extends DestinationStream {
  /** Writes a line that may wait for its batch; without this function, all lines are written the same way. */
  writeLater?(line: string): void;
  /** The number of lines that were lost. */
  readonly droppedLines?: number;
}

/** The gateway's log: one JSON object a line. */
export type Log = Logger;

/** Creates a log of lines at least as severe as `level`. */
export function createLog(level: string, destination: LogDestination): Log {
  return pino({ level, base: null }, destination);
}

/** Renders data as a line of the log, with its level in pino's form. */
export type RenderLine<Data> = (data: Data, level: number) => string;

/**
 * Creates a writer of many `info` lines, rendered by `render`. pino checks every key of an object for values that need
 * special care, which costs a request as much as everything else the gateway does for it.
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
