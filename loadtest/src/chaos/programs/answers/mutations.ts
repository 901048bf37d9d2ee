import { deflateSync, gzipSync } from 'node:zlib';
import type { Chance } from '../../chance.ts';
import type { Sent } from '../../evidence/answers.ts';
import { makeMarker } from '../../marker.ts';
import { mutateBytes } from '../../peers/mutate-bytes.ts';
import type { RenderedAnswer } from '../../peers/render-answer.ts';
import {
  contentTypes,
  encodings,
  errors,
  harmlessHeaders,
  oddChunks,
  oddHeaders,
  oddLengths,
  pauses,
  statusLines,
} from './odd-values.ts';

/** The bytes of an answer, and the known facts about it. */
export interface MutatedAnswer {
  readonly bytes: Buffer;
  readonly sent: Sent['kind'];
  /** The body that a client has to receive from a complete one. */
  readonly body: Buffer;
  /** How the connection goes on afterwards. */
  readonly next: 'keep' | 'fin' | 'reset' | 'hang';
}

type Mutation = (answer: RenderedAnswer, chance: Chance) => MutatedAnswer;

/** Nobody can say how a client has to interpret it. */
function unsure(head: string, framed: Buffer, next: MutatedAnswer['next'] = 'keep'): MutatedAnswer {
  return { bytes: Buffer.concat([Buffer.from(head, 'latin1'), framed]), sent: 'unsure', body: framed, next };
}

function whole({ head, body, framed }: RenderedAnswer, newHead: string = head): MutatedAnswer {
  return {
    bytes: Buffer.concat([Buffer.from(newHead, 'latin1'), framed]),
    sent: 'whole',
    body,
    next: 'keep',
  };
}

function withHeader(head: string, header: string): string {
  return head.replace('\r\n', `\r\n${header}\r\n`);
}

function withLength(head: string, length: string): string {
  return head.replace(/Content-Length: \d+|Transfer-Encoding: chunked/, `Content-Length: ${length}`);
}

/** Few hang, as each holds up its backend. */
const ways = ['fin', 'fin', 'fin', 'reset', 'reset', 'reset', 'hang'] as const;

/**
 * Returns how much of a body is certainly incomplete: the mark that clients treat as a stream's end may come before its
 * last byte.
 */
function beforeEnd(body: Buffer): number {
  const at = body.indexOf('"end":');
  return at === -1 ? body.length - 1 : at;
}

/** Every way in which a good answer is changed, with the facts that still hold for it. */
export const mutations = {
  none: (answer) => whole(answer),
  interim: (answer, chance) => {
    const interim = Array.from(
      { length: chance.between(1, 3) },
      () =>
        `HTTP/1.1 ${chance.pick(['100 Continue', '102 Processing', '103 Early Hints', '199 Odd'])}\r\nx-early: 1\r\n\r\n`,
    );
    return whole(answer, interim.join('') + answer.head);
  },
  switching: ({ head, framed }) =>
    unsure(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${head}`,
      framed,
    ),
  statusLine: ({ head, framed }, chance) =>
    unsure(
      head.replace(/^HTTP\/1\.1 [^\r]*/, chance.pick(statusLines)),
      framed,
      chance.pick(['keep', 'fin']),
    ),
  header: (answer, chance) => whole(answer, withHeader(answer.head, chance.pick(harmlessHeaders))),
  oddHeader: ({ head, framed }, chance) =>
    unsure(withHeader(head, chance.pick(oddHeaders)), framed, chance.pick(['keep', 'fin'])),
  manyHeaders: ({ head, framed }, chance) => {
    const headers = Array.from(
      { length: chance.between(20, 900) },
      (_, i) => `x-${i}: ${'v'.repeat(chance.between(1, 100))}`,
    );
    return unsure(withHeader(head, headers.join('\r\n')), framed);
  },
  encoding: (answer, chance) =>
    whole(answer, withHeader(answer.head, `Content-Encoding: ${chance.pick(encodings)}`)),
  packed: (answer, chance) => {
    const isGzip = chance.is(0.7);
    const good = isGzip ? gzipSync(answer.body) : deflateSync(answer.body);
    const body = chance.is(0.5) ? good : mutateBytes(good, chance);
    const head = withHeader(
      withLength(answer.head, String(body.length)),
      `Content-Encoding: ${isGzip ? 'gzip' : 'deflate'}`,
    );
    return { bytes: Buffer.concat([Buffer.from(head, 'latin1'), body]), sent: 'whole', body, next: 'keep' };
  },
  contentType: ({ head, framed }, chance) =>
    unsure(head.replace(/Content-Type: [^\r]*/, chance.pick(contentTypes)), framed),
  tooLong: ({ head, body }, chance) => ({
    ...unsure(withLength(head, String(body.length + chance.between(1, 1000))), body, chance.pick(ways)),
    sent: 'cut',
  }),
  oddLength: ({ head, body }, chance) =>
    unsure(withLength(head, chance.pick(oddLengths)), body, chance.pick(['keep', 'fin'])),
  tooShort: ({ head, body }, chance) =>
    unsure(withLength(head, String(chance.between(0, body.length))), body),
  another: (answer) => {
    const poison = `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx-chaos-echo: ${makeMarker(0, 999)}\r\n\r\n{}`;
    return { ...whole(answer), bytes: Buffer.concat([whole(answer).bytes, Buffer.from(poison)]) };
  },
  cut: ({ head, framed }, chance) => {
    const part = framed.subarray(0, chance.between(0, framed.length - 1));
    return { ...unsure(head, part, chance.pick(ways)), sent: 'cut' };
  },
  cutBeforeClose: ({ head, framed }, chance) => {
    const part = framed.subarray(0, chance.between(0, framed.length - 1));
    return { ...unsure(withHeader(head, 'Connection: close'), part, chance.pick(ways)), sent: 'cut' };
  },
  cutHead: ({ head }, chance) =>
    unsure(head.slice(0, chance.between(0, head.length - 3)), Buffer.alloc(0), chance.pick(ways)),
  closing: ({ head, body }) => ({
    ...unsure(
      head.replace(/Content-Length: \d+|Transfer-Encoding: chunked/, 'Connection: close'),
      body,
      'fin',
    ),
    sent: 'whole',
  }),
  closingReset: ({ head, body }, chance) => ({
    ...unsure(
      head.replace(/Content-Length: \d+|Transfer-Encoding: chunked/, 'Connection: close'),
      body.subarray(0, chance.between(0, beforeEnd(body))),
      'reset',
    ),
    sent: 'cut',
  }),
  oddChunks: ({ head, body }, chance) => {
    const text = chance
      .pick(oddChunks)
      .replaceAll('SIZE', body.length.toString(16))
      .replace('BODY', () => body.toString('latin1'));
    return unsure(
      head.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked'),
      Buffer.from(text, 'latin1'),
      chance.pick(['keep', 'fin']),
    );
  },
  error: ({ head }, chance) => {
    const [status, body] = chance.pick(errors);
    const pause = chance.is(0.5) ? `\r\n${chance.pick(pauses)}` : '';
    const changed = withLength(
      head.replace(/^HTTP\/1\.1 [^\r]*/, `HTTP/1.1 ${status}${pause}`),
      String(body.length),
    );
    return unsure(
      changed.replace('text/event-stream', 'application/json'),
      Buffer.from(body),
      chance.pick(['keep', 'keep', 'fin']),
    );
  },
  bodiless: ({ head, framed }, chance) =>
    unsure(
      head.replace('200 OK', chance.pick(['204 No Content', '304 Not Modified', '205 Reset Content'])),
      chance.is(0.5) ? framed : Buffer.alloc(0),
      chance.pick(['keep', 'fin']),
    ),
  bytes: ({ head, framed }, chance) =>
    unsure(
      mutateBytes(Buffer.concat([Buffer.from(head, 'latin1'), framed]), chance).toString('latin1'),
      Buffer.alloc(0),
      chance.pick(['keep', 'fin', 'reset']),
    ),
  garbage: (_answer, chance) =>
    unsure('', chance.bytes(chance.between(1, 200)), chance.pick(['keep', 'fin', 'reset'])),
  silence: (_answer, chance) => unsure('', Buffer.alloc(0), chance.pick(ways)),
} as const satisfies Readonly<Record<string, Mutation>>;

/** The name of a mutation. */
export type MutationName = keyof typeof mutations;
