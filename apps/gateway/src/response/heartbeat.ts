import type { ServerResponse } from 'node:http';

const COMMENT = ': keep-alive\n\n';
/** WHATWG HTML §9.2.6: a line ends in one of three ways, and a blank line ends an event. */
const BETWEEN_EVENTS = /(?:^|\n\n|\r\n\r\n|\r\r)$/;
const LONGEST_BLANK = 4;

/** Sends comments between the events of a stream whenever its backend has been silent for a while. */
export class Heartbeat {
  readonly #response: ServerResponse;
  readonly #timer: NodeJS.Timeout;
  /** The stream's last bytes. */
  #end = '';

  constructor(response: ServerResponse, everyMs: number) {
    this.#response = response;
    this.#timer = setInterval(() => this.#beat(), everyMs);
  }

  /** Records the bytes of the stream itself. */
  note(chunk: Buffer): void {
    this.#end = (this.#end + chunk.toString('latin1', Math.max(0, chunk.length - LONGEST_BLANK))).slice(
      -LONGEST_BLANK,
    );
    this.#timer.refresh();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    // A comment is no use to a client that is not reading.
    if (this.#response.writableNeedDrain || !BETWEEN_EVENTS.test(this.#end)) return;
    this.#response.write(COMMENT);
  }
}

/**
 * Returns the heartbeat of a response with this head; undefined if its bytes do not show where events end.
 *
 * @param headers alternating names and values
 */
export function startHeartbeat(
  response: ServerResponse,
  headers: readonly string[],
  everyMs: number | undefined,
): Heartbeat | undefined {
  if (everyMs === undefined || response.req.method === 'HEAD') return undefined;
  const valueOf = (name: string) => {
    const at = headers.findIndex((one, index) => index % 2 === 0 && one.toLowerCase() === name);
    return at === -1 ? undefined : headers[at + 1];
  };
  const isStream = /^\s*text\/event-stream\b/i.test(valueOf('content-type') ?? '');
  const isPacked = !/^\s*identity\s*$/i.test(valueOf('content-encoding') ?? 'identity');
  const isCounted = valueOf('content-length') !== undefined;
  return isStream && !isPacked && !isCounted ? new Heartbeat(response, everyMs) : undefined;
}
