import type { Socket } from 'node:net';
import { chatBody, chatPath, post, streamBody } from '../testing/post.ts';
import { connectRaw, parseAnswer, type RawClient, rawRequest } from '../testing/raw-client.ts';
import type { RowClient, RowScene, Seen } from './failure-row.ts';

/** A client that requests this many chat completions, one after another. */
export function chats(times: number): RowClient {
  return async (scene) => {
    const seen: Seen[] = [];
    for (let time = 0; time < times; time++)
      seen.push(await read(post(scene, undefined, undefined, { redirect: 'manual' })));
    return seen;
  };
}

/** A client that requests a streamed chat completion, and reads it to its end. */
export const streams: RowClient = async (scene) => [await read(post(scene, undefined, streamBody))];

/** A client that posts something other than a chat. */
export function posts(path: string, body: unknown, init: Parameters<typeof post>[3] = {}): RowClient {
  return async (scene) => [await read(post(scene, path, body, { redirect: 'manual', ...init }))];
}

/** A client that sends these bytes, and reads until the gateway ends the connection. */
export function sends(bytes: string): RowClient {
  return async (scene) => {
    const client = await connectRaw(scene);
    client.send(bytes);
    return readToEnd(client);
  };
}

/** A client that reads the beginning of a stream, lets the backend continue, and reads the rest. */
export const streamsPastTheStart: RowClient = async (scene) => {
  const response = await post(scene, undefined, streamBody);
  const reader = response.body?.getReader();
  const first = await reader?.read();
  scene.servers[0]?.goOn?.();
  let body = Buffer.from(first?.value ?? []).toString();
  try {
    for (;;) {
      const next = await reader?.read();
      if (next === undefined || next.done) break;
      body += Buffer.from(next.value).toString();
    }
    return [{ status: response.status, headers: response.headers, body, isBroken: false }];
  } catch {
    return [{ status: response.status, headers: response.headers, body, isBroken: true }];
  }
};

/** A client that leaves in some way as soon as the first backend has its request. */
export function leavesOnceAsked(bytes: string, leave: (socket: Socket) => void): RowClient {
  return async (scene) => {
    const arrived = scene.nextRequest();
    return sendsAndThen(bytes, async ({ socket }) => {
      await arrived;
      leave(socket);
    })(scene);
  };
}

/** A client that sends a request and then does something other than reading the answer. */
export function sendsAndThen(
  bytes: string,
  act: (client: RawClient, scene: RowScene) => Promise<unknown>,
): RowClient {
  return async (scene) => {
    const client = await connectRaw(scene);
    client.send(bytes);
    await act(client, scene);
    return client.socket.destroyed ? [] : readToEnd(client);
  };
}

/** A streamed chat completion as bytes. */
export const rawStream = rawRequest(
  'POST',
  chatPath,
  ['Content-Type: application/json', 'Connection: close'],
  JSON.stringify(streamBody),
);

/** A chat completion as bytes, with further header lines. */
export function rawChat(...headers: string[]): string {
  return rawRequest(
    'POST',
    chatPath,
    ['Content-Type: application/json', 'Connection: close', ...headers],
    JSON.stringify(chatBody),
  );
}

/** Reads an answer to its end, or to where it breaks. */
export async function read(pending: Promise<Response>): Promise<Seen> {
  let response: Response;
  try {
    response = await pending;
  } catch {
    return { headers: new Headers(), body: '', isBroken: true };
  }
  const { status, headers } = response;
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk as Uint8Array);
    return { status, headers, body: Buffer.concat(chunks).toString(), isBroken: false };
  } catch {
    return { status, headers, body: Buffer.concat(chunks).toString(), isBroken: true };
  }
}

async function readToEnd(client: RawClient): Promise<readonly Seen[]> {
  const text = await client.untilEnd();
  // Otherwise a gateway that has closed its half waits for this one.
  client.socket.destroy();
  return readAnswers(text);
}

/** Splits all answers on a connection, except those with 1xx. */
function readAnswers(text: string): Seen[] {
  const { status, headers, body } = parseAnswer(text);
  const parsed = new Headers();
  for (const line of headers) {
    const colon = line.indexOf(':');
    parsed.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  if (Number.isNaN(status)) return [{ headers: parsed, body: text, isBroken: true }];
  if (status < 200) return readAnswers(body);
  const isChunked = parsed.get('transfer-encoding') === 'chunked';
  const length = isChunked ? chunkedLength(body) : Number(parsed.get('content-length') ?? body.length);
  const own = body.slice(0, length);
  const seen = {
    status,
    headers: parsed,
    body: isChunked ? unchunk(own) : own,
    isBroken: own.length < length,
  };
  return own.length < body.length ? [seen, ...readAnswers(body.slice(length))] : [seen];
}

/** Returns where a chunked body ends; infinity if it does not. */
function chunkedLength(body: string): number {
  const end = /(?:^|\r\n)0\r\n\r\n/.exec(body);
  return end === null ? Number.POSITIVE_INFINITY : end.index + end[0].length;
}

function unchunk(body: string): string {
  let text = '';
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at);
    const length = Number.parseInt(body.slice(at, end), 16);
    text += body.slice(end + 2, end + 2 + length);
    at = end + 2 + length + 2;
  }
  return text;
}
