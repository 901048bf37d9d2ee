import { chatBody, chatLine, head, lookAlike, octets, type PieceMaker } from '../../peers/piece.ts';

const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
const H2C = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];

/** Requests that ask for another protocol, and CONNECT. */
export const upgradePieces: Readonly<Record<string, PieceMaker>> = {
  session: (marker, chance) => {
    const line = `GET ${chance.pick(['/openai', '/openai/v1', ''])}/realtime?deployment=gpt-realtime&chaos=${marker} HTTP/1.1`;
    const early = chance.is(0.5) ? lookAlike(marker) : '';
    return { bytes: octets(head(line, marker, ...WEBSOCKET), early), fate: 'takes-over' };
  },
  otherWebSocket: (marker, chance) => {
    const path = chance.pick([`/openai/v1/files/file-${marker}`, '/healthz', '/nowhere']);
    const bytes = octets(head(`GET ${path} HTTP/1.1`, marker, ...WEBSOCKET));
    return { bytes, fate: path.startsWith('/openai/') ? 'takes-over' : 'ends' };
  },
  h2c: (marker) => ({
    bytes: octets(head(`GET /openai/v1/files/file-${marker} HTTP/1.1`, marker, ...H2C)),
    fate: 'ends',
  }),
  h2cWithBody: (marker, chance) => {
    const body = octets(chatBody(marker, chance));
    const text = head(chatLine(marker), marker, ...H2C, `Content-Length: ${body.length}`);
    return { bytes: Buffer.concat([octets(text), body]), fate: 'ends' };
  },
  upgradeInChunks: (marker, chance) => {
    const body = chatBody(marker, chance);
    const protocol = chance.pick(['h2c', 'websocket', 'TLS/1.0', 'a, b']);
    const text = head(
      chatLine(marker),
      marker,
      'Connection: upgrade',
      `Upgrade: ${protocol}`,
      'Transfer-Encoding: chunked',
    );
    return { bytes: octets(text, `${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n'), fate: 'ends' };
  },
  connect: (marker, chance) => {
    const target = chance.pick(['backend.test:443', '127.0.0.1:80', '/openai/v1/files']);
    const early = chance.is(0.7) ? lookAlike(marker) : '';
    return { bytes: octets(head(`CONNECT ${target} HTTP/1.1`, marker), early), fate: 'refused' };
  },
};
