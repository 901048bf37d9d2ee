import { chatBody, chatLine, head, lookAlike, octets, type PieceMaker } from '../../peers/piece.ts';
import { inChunks } from '../../peers/render-answer.ts';

/** A larger body is passed on as it comes. */
export const REPLAY_BYTES = 32_768;

const JSON_TYPE = 'Content-Type: application/json';

/** Complete requests that get an answer, after which the connection goes on. */
export const wholePieces: Readonly<Record<string, PieceMaker>> = {
  chat: (marker, chance) => {
    const body = octets(chatBody(marker, chance));
    const text = head(chatLine(marker), marker, JSON_TYPE, `Content-Length: ${body.length}`);
    return { bytes: Buffer.concat([octets(text), body]), fate: 'answered' };
  },
  chunkedChat: (marker, chance) => {
    const coding = chance.pick(['chunked', 'Chunked', 'CHUNKED']);
    const text = head(chatLine(marker), marker, JSON_TYPE, `Transfer-Encoding: ${coding}`);
    return {
      bytes: Buffer.concat([octets(text), inChunks(octets(chatBody(marker, chance)), chance)]),
      fate: 'answered',
    };
  },
  chunkExtensions: (marker, chance) => {
    const body = chatBody(marker, chance);
    const size = body.length.toString(16).toUpperCase();
    const text = head(chatLine(marker), marker, JSON_TYPE, 'Transfer-Encoding: chunked');
    const trailer = chance.is(0.5) ? `x-chaos-trailer: ${marker}\r\n` : '';
    return {
      bytes: octets(text, `${size};name=value\r\n`, body, `\r\n0\r\n${trailer}\r\n`),
      fate: 'answered',
    };
  },
  v1Chat: (marker, chance) => {
    const body = octets(chatBody(marker, chance, false));
    const line = `POST ${chance.pick(['/openai/v1', '/v1', ''])}/chat/completions?chaos=${marker} HTTP/1.1`;
    return {
      bytes: octets(head(line, marker, JSON_TYPE, `Content-Length: ${body.length}`), body.toString('latin1')),
      fate: 'answered',
    };
  },
  upload: (marker, chance) => {
    const body = Buffer.alloc(chance.between(REPLAY_BYTES, 6 * REPLAY_BYTES), lookAlike(marker));
    const text = head(chatLine(marker), marker, JSON_TYPE, `Content-Length: ${body.length}`);
    return { bytes: Buffer.concat([octets(text), body]), fate: 'answered' };
  },
  file: (marker, chance) => {
    const method = chance.pick(['GET', 'HEAD', 'OPTIONS', 'GET']);
    const line = `${method} /openai/v1/files/file-${marker} HTTP/1.1`;
    return { bytes: octets(head(line, marker)), fate: 'answered', isToHead: method === 'HEAD' };
  },
  creation: (marker, chance) => {
    const body = `{"input_file_id":"none","user":"${marker}","padding":"${'x'.repeat(chance.between(0, 300))}"}`;
    const line = `POST /openai/v1/batches?chaos=${marker} HTTP/1.1`;
    const text = head(line, marker, JSON_TYPE, `Content-Length: ${body.length}`);
    return { bytes: octets(text, body), fate: 'answered', createsObject: true };
  },
  operator: (marker, chance) => {
    const method = chance.pick(['GET', 'GET', 'HEAD', 'POST']);
    const path = chance.pick([
      '/healthz',
      '/readyz',
      '/readyz?scope=process',
      '/admin/backends',
      '/readyz?headroom=x',
    ]);
    return {
      bytes: octets(head(`${method} ${path} HTTP/1.1`, marker)),
      fate: 'answered',
      isToHead: method === 'HEAD',
    };
  },
  expecting: (marker, chance) => {
    const body = octets(chatBody(marker, chance));
    const expectation = chance.pick(['100-continue', '100-Continue', 'something-else']);
    const text = head(chatLine(marker), marker, `Expect: ${expectation}`, `Content-Length: ${body.length}`);
    return { bytes: Buffer.concat([octets(text), body]), fate: 'answered' };
  },
  operatorWithBody: (marker, chance) => {
    const path = chance.pick(['/healthz', '/readyz', '/admin/backends', '/nowhere', '/']);
    const body = lookAlike(marker);
    const line = `${chance.pick(['GET', 'POST'])} ${path} HTTP/1.1`;
    if (chance.is(0.5))
      return { bytes: octets(head(line, marker, `Content-Length: ${body.length}`), body), fate: 'answered' };
    const text = head(line, marker, 'Transfer-Encoding: chunked');
    return { bytes: octets(text, inChunks(octets(body), chance).toString('latin1')), fate: 'answered' };
  },
};

/** Complete requests that get an answer, which may be the last of their connection. */
export const lastPieces: Readonly<Record<string, PieceMaker>> = {
  http10: (marker, chance) => {
    const body = octets(chatBody(marker, chance));
    const keep = chance.is(0.5) ? ['Connection: keep-alive'] : [];
    const text = head(chatLine(marker, 'HTTP/1.0'), marker, ...keep, `Content-Length: ${body.length}`);
    return { bytes: Buffer.concat([octets(text), body]), fate: 'ends' };
  },
  // Node reads these as it reads HTTP/1.1; other servers do not.
  oddVersion: (marker, chance) => {
    const version = chance.pick(['', ' HTTP/0.9', ' HTTP/2.0']);
    return { bytes: octets(head(`GET /openai/v1/files/file-${marker}${version}`, marker)), fate: 'ends' };
  },
  closing: (marker) => ({
    bytes: octets(head(`GET /openai/v1/files/file-${marker} HTTP/1.1`, marker, 'Connection: close')),
    fate: 'ends',
  }),
  oddTarget: (marker, chance) => {
    const target = chance.pick(oddTargets).replaceAll('MARKER', marker);
    return {
      bytes: octets(head(`${chance.pick(['GET', 'POST'])} ${target} HTTP/1.1`, marker)),
      fate: 'ends',
    };
  },
  oddHost: (marker, chance) => {
    const host = chance.pick(['Host: another.test', 'Host: a b', 'Host: [', 'Host: a/b', 'Host: ']);
    return {
      bytes: octets(head(`GET /openai/v1/files/file-${marker} HTTP/1.1`, marker, host)),
      fate: 'ends',
    };
  },
  otherMethod: (marker, chance) => {
    const method = chance.pick([
      'TRACE',
      'PROPFIND',
      'PUT',
      'PATCH',
      'DELETE',
      'PURGE',
      'M-SEARCH',
      'REPORT',
    ]);
    const body = chance.is(0.5) ? lookAlike(marker) : '';
    const line = `${method} /openai/v1/files/file-${marker} HTTP/1.1`;
    return { bytes: octets(head(line, marker, `Content-Length: ${body.length}`), body), fate: 'ends' };
  },
};

const oddTargets: readonly string[] = [
  'http://[/',
  'http://[/?chaos=MARKER',
  'http://spillway.test/openai/v1/files/file-MARKER',
  'http://user:pass@a/',
  'https:///',
  '*',
  '//',
  '//evil.test/openai/v1/files/file-MARKER',
  '/?',
  '/openai/../openai/v1/files/file-MARKER',
  '/openai/%2e%2e/v1/files/file-MARKER',
  '/openai/deployments//chat/completions?chaos=MARKER',
  '/openai/deployments/%/chat/completions?chaos=MARKER',
  '/openai/deployments/%ff/chat/completions?chaos=MARKER',
  '/openai/deployments/__proto__/chat/completions?chaos=MARKER',
  '/openai/v1/files/constructor?chaos=MARKER',
  '/openai/v1/responses/resp_MARKER?%=%&&&=',
  '/openai/v1/models?api-key=secret&chaos=MARKER',
  '/openai/v1/realtime?chaos=MARKER',
  '/openai/v1/files/file-MARKER#fragment',
  '/openai/v1/files/file-MARKER?a=\xff\xfe',
  '/healthz/',
  '/healthz?%',
  '/readyz?deployment=%ff',
  '/admin/backends/../x',
  `/openai/v1/files/file-MARKER?${'q'.repeat(9000)}`,
];
