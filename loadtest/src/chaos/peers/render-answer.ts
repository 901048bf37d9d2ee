import type { Chance } from '../chance.ts';
import { ANSWER, ECHO, type Sent } from '../evidence/answers.ts';

/** The properties of an answer. */
export interface AnswerShape {
  readonly marker: string;
  /** Unique: see `nameAnswer`. */
  readonly name: string;
  readonly kind: 'json' | 'stream';
  readonly framing: 'length' | 'chunked' | 'close';
  readonly status?: string;
  /** The number of bytes to lengthen it by. */
  readonly padBytes?: number;
  readonly headers?: readonly string[];
}

/** An answer in its parts, to be sent unchanged or otherwise. */
export interface RenderedAnswer {
  readonly name: string;
  readonly head: string;
  readonly body: Buffer;
  /** The framed body. */
  readonly framed: Buffer;
}

/** The last event of a stream. */
export const DONE = 'data: [DONE]\n\n';

/** Renders a good answer, whose body has its name at the end; a stream ends with `[DONE]`. */
export function renderAnswer(shape: AnswerShape, chance: Chance): RenderedAnswer {
  const { marker, name, kind, framing } = shape;
  const body = Buffer.from(kind === 'json' ? renderJson(shape) : renderStream(shape, chance), 'latin1');
  const head = [
    `HTTP/1.1 ${shape.status ?? '200 OK'}`,
    `Content-Type: ${kind === 'json' ? 'application/json' : 'text/event-stream'}`,
    `${ECHO}: ${marker}`,
    `${ANSWER}: ${name}`,
    ...(shape.headers ?? []),
    ...framingHeaders(framing, body.length),
  ];
  const framed = framing === 'chunked' ? inChunks(body, chance) : body;
  return { name, head: `${head.join('\r\n')}\r\n\r\n`, body, framed };
}

/** Returns the record of an answer that is sent completely. */
export function wholeAnswer({ body, head }: RenderedAnswer): Sent {
  return { kind: 'whole', bodyBytes: body.length, tail: body.subarray(-512), says: JSON.stringify(head) };
}

/** Sends a body in chunks of random sizes, the last chunk included. */
export function inChunks(body: Buffer, chance: Chance): Buffer {
  const chunks = chance
    .cut(body, 6)
    .map((piece) => Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, CRLF]));
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}

const CRLF = Buffer.from('\r\n');

function framingHeaders(framing: AnswerShape['framing'], bytes: number): string[] {
  if (framing === 'length') return [`Content-Length: ${bytes}`];
  return framing === 'chunked' ? ['Transfer-Encoding: chunked'] : ['Connection: close'];
}

function renderJson({ marker, name, padBytes = 0 }: AnswerShape): string {
  const choices = [
    { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'x'.repeat(padBytes) } },
  ];
  const usage = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 };
  return JSON.stringify({
    id: `chat-${marker}`,
    object: 'chat.completion',
    choices,
    usage,
    user: marker,
    end: name,
  });
}

function renderStream({ marker, name, padBytes = 0 }: AnswerShape, chance: Chance): string {
  const events = Array.from({ length: chance.between(1, 5) }, (_, i) => ({
    id: `chat-${marker}`,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content: `word ${i} ${'x'.repeat(padBytes)}` } }],
  }));
  const last = { id: `chat-${marker}`, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], end: name };
  return [...events, last].map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + DONE;
}
