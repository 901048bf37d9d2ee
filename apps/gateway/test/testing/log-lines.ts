import type { DestinationStream } from 'pino';

/** A line of the log, parsed. */
export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** Collects the log of a gateway, and waits for lines that are still to come. */
export class LogLines implements DestinationStream {
  /** The whole log, as written. */
  text = '';
  readonly lines: LogLine[] = [];
  #waiters: (() => void)[] = [];

  write(text: string): void {
    this.text += text;
    for (const line of text.split('\n')) if (line !== '') this.lines.push(JSON.parse(line) as LogLine);
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** The request lines so far, in the order in which the requests ended. */
  get requests(): LogLine[] {
    return this.#linesOf('request');
  }

  /** Waits until the `number`th request has ended, and returns its line. */
  request(number = 1): Promise<LogLine> {
    return this.line('request', number);
  }

  /** Waits for the `number`th line with a message. */
  async line(msg: string, number = 1): Promise<LogLine> {
    for (;;) {
      const line = this.#linesOf(msg)[number - 1];
      if (line !== undefined) return line;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #linesOf(msg: string): LogLine[] {
    return this.lines.filter((line) => line.msg === msg);
  }
}
