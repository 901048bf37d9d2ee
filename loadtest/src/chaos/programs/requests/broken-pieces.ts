import {
  chatBody,
  chatLine,
  head,
  lookAlike,
  octets,
  type Piece,
  type PieceMaker,
} from '../../peers/piece.ts';

/**
 * Requests that no server may serve, as another server on the way may have read them differently; and incomplete ones.
 */
export const brokenPieces: Readonly<Record<string, PieceMaker>> = {
  twoFramings: (marker, chance) => {
    const rest = `0\r\n\r\n${lookAlike(marker)}`;
    const length = `Content-Length: ${chance.pick([0, 4, 5, rest.length])}`;
    const coding = 'Transfer-Encoding: chunked';
    const headers = chance.is(0.5) ? [length, coding] : [coding, length];
    return { bytes: octets(head(chatLine(marker), marker, ...headers), rest), fate: 'refused' };
  },
  oddLength: (marker, chance) => refused(marker, chance.pick(oddLengths)),
  oddCoding: (marker, chance) => {
    const rest = `0\r\n\r\n${lookAlike(marker)}`;
    return {
      bytes: octets(head(chatLine(marker), marker, ...chance.pick(oddCodings)), rest),
      fate: 'refused',
    };
  },
  http10Coding: (marker) => {
    const text = head(chatLine(marker, 'HTTP/1.0'), marker, 'Transfer-Encoding: chunked');
    return { bytes: octets(text, `0\r\n\r\n${lookAlike(marker)}`), fate: 'refused' };
  },
  oddChunk: (marker, chance) => {
    const text = head(chatLine(marker), marker, 'Transfer-Encoding: chunked');
    return {
      bytes: octets(text, chance.pick(oddChunks).replaceAll('REST', lookAlike(marker))),
      fate: 'refused',
    };
  },
  oddHeader: (marker, chance) => {
    const text = head(`GET /openai/v1/files/file-${marker} HTTP/1.1`, marker, chance.pick(oddHeaders));
    return { bytes: octets(text, lookAlike(marker)), fate: 'refused' };
  },
  longHead: (marker, chance) => {
    const long = chance.is(0.5)
      ? [`x-long: ${'y'.repeat(20_000)}`]
      : Array.from({ length: 900 }, (_, i) => `x-${i}: ${'z'.repeat(20)}`);
    return {
      bytes: octets(head(`GET /openai/v1/files/file-${marker} HTTP/1.1`, marker, ...long)),
      fate: 'refused',
    };
  },
  hugeLength: (marker) => refused(marker, 'Content-Length: 999999999999'),
  garbage: (marker, chance) => ({
    bytes: Buffer.concat([
      octets(
        chance.pick([
          '\0',
          '\x16\x03\x01\x02',
          '{}',
          'HTTP/1.1 200 OK\r\n\r\n',
          'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        ]),
      ),
      chance.bytes(chance.between(1, 60)),
      octets('\r\n\r\n'),
    ]),
    fate: 'refused',
  }),
  oddLine: (marker, chance) => ({
    bytes: octets(head(chance.pick(oddLines).replaceAll('MARKER', marker), marker)),
    fate: 'refused',
  }),
  cutBody: (marker, chance) => {
    const body = chatBody(marker, chance);
    const isChunked = chance.is(0.5);
    const framed = isChunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
    const framing = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
    const text = head(chatLine(marker), marker, framing);
    return { bytes: octets(text, framed.slice(0, chance.between(0, framed.length - 1))), fate: 'truncated' };
  },
  cutHead: (marker, chance) => {
    const text = head(`GET /openai/v1/files/file-${marker} HTTP/1.1`, marker);
    return { bytes: octets(text.slice(0, chance.between(1, text.length - 1))), fate: 'truncated' };
  },
};

function refused(marker: string, length: string): Piece {
  return { bytes: octets(head(chatLine(marker), marker, length), lookAlike(marker)), fate: 'refused' };
}

const oddLengths: readonly string[] = [
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: 5\r\nContent-Length: 5',
  'Content-Length: 5, 5',
  'Content-Length: +5',
  'Content-Length: -5',
  'Content-Length: 0x5',
  'Content-Length: 5 5',
  'Content-Length: five',
  'Content-Length: 99999999999999999999999',
  'Content-Length : 5',
  'Content-Length\t: 5',
];

const oddCodings: readonly (readonly string[])[] = [
  ['Transfer-Encoding: gzip, chunked'],
  ['Transfer-Encoding: identity'],
  ['Transfer-Encoding: chunked, identity'],
  ['Transfer-Encoding: chunked, chunked'],
  ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
  ['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'],
  ['Transfer-Encoding: xchunked'],
  ['Transfer-Encoding: "chunked"'],
  ['Transfer-Encoding: chunked;q=1'],
  ['Transfer-Encoding: \x0bchunked'],
  ['Transfer-Encoding : chunked'],
  ['Transfer-Encoding:\r\n chunked'],
];

const oddChunks: readonly string[] = [
  'g\r\nREST',
  '-1\r\nREST',
  '+1\r\nREST',
  '0x1\r\na\r\n0\r\n\r\nREST',
  'ffffffffffffffffff\r\nREST',
  '1\r\nabREST',
  '1\r\naREST',
  '1\na\r\n0\r\n\r\nREST',
  '1;\na\r\n0\r\n\r\nREST',
  '\r\n0\r\n\r\nREST',
  ' 1\r\na\r\n0\r\n\r\nREST',
];

const oddHeaders: readonly string[] = [
  'x-a: 1\nx-b: 2',
  'x-a: 1\rx-b: 2',
  'x-a: \0',
  'x-a: 1\r\n folded',
  ' x-a: 1',
  'x a: 1',
  'x-a : 1',
  ': 1',
  'no colon',
  'x-\xe4: 1',
];

const oddLines: readonly string[] = [
  'GET /openai/v1/files/file-MARKER HTTP/1',
  'GET /openai/v1/files/file-MARKER HTTP/1.1 HTTP/1.1',
  'GET /openai/v1/files/file MARKER HTTP/1.1',
  'GE\0T /openai/v1/files/file-MARKER HTTP/1.1',
  'get /openai/v1/files/file-MARKER HTTP/1.1',
  'NONSENSE /openai/v1/files/file-MARKER HTTP/1.1',
];
