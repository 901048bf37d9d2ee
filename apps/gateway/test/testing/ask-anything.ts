import { WebSocket } from 'ws';
import { chatBody, chatPath } from './post.ts';

/** A request of any kind that may reach a backend. */
export interface Ask {
  readonly kind: 'request' | 'session';
  readonly method?: string;
  readonly path: string;
  /** The body, or the message that begins a session. */
  readonly body?: string | object;
  readonly type?: string;
}

const v1 = '/openai/v1';
const chat = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] };
const secrets = `${v1}/realtime/client_secrets`;
const realtime = { type: 'realtime', model: 'gpt-realtime' };
/** Longer than what is kept to be sent again. */
const FILE = `--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n${'x'.repeat(5000)}\r\n--x--\r\n`;
const multipart = 'multipart/form-data; boundary=x';

const ask = (method: string, path: string, body?: object): Ask => ({
  kind: 'request',
  method,
  path,
  ...(body && { body, type: 'application/json' }),
});
const session = (path: string, body: object): Ask => ({ kind: 'session', path, body });

/** Returns every kind of request; those for stored objects name these. */
export function asksFor(response: string, file: string, sessionKey: string): readonly Ask[] {
  const follow = { model: 'gpt-4o', input: 'Hi', previous_response_id: response };
  return [
    ask('POST', chatPath, chatBody),
    ask('POST', `${v1}/chat/completions`, { ...chat, stream: true }),
    ask('POST', `${v1}/responses`, { model: 'gpt-4o', input: 'Hi' }),
    ask('POST', `${v1}/responses`, { model: 'gpt-4o', input: 'Hi', store: false, stream: true }),
    ask('POST', `${v1}/responses`, follow),
    ask('POST', `${v1}/embeddings`, { model: 'gpt-4o', input: 'Hi' }),
    ask('GET', `${v1}/models`),
    ask('GET', '/openai/deployments?api-version=2022-12-01'),
    ask('GET', `${v1}/files`),
    ask('GET', `${v1}/files?after=${file}&limit=5`),
    ask('GET', `${v1}/batches?after=batch_0123456789`),
    ask('GET', `${v1}/files/${file}/content`),
    ask('GET', `${v1}/responses/${response}`),
    ask('DELETE', `${v1}/responses/${response}`),
    ask('POST', `${v1}/batches`, { input_file_id: file, endpoint: '/v1/chat/completions' }),
    ask('POST', `${v1}/threads`, {}),
    ask('POST', `${v1}/somethings/new`, { name: 'x' }),
    { kind: 'request', method: 'POST', path: `${v1}/files`, body: FILE, type: multipart },
    ask('POST', secrets, { session: realtime }),
    { kind: 'request', method: 'POST', path: `${v1}/realtime/calls`, body: 'v=0', type: 'application/sdp' },
    ask('POST', `${v1}/realtime/calls/rtc_${sessionKey.slice(3)}/hangup`, {}),
    session(`${v1}/realtime?model=gpt-realtime`, { type: 'response.create' }),
    session(`${v1}/responses`, { type: 'response.create', ...follow }),
    session(`${v1}/responses`, { type: 'response.create', model: 'gpt-4o', input: 'Hi', store: false }),
  ];
}

/** Sends a request, and returns its answer; a session ends after its first message, and has status 0. */
export async function send(
  url: string,
  { kind, method = 'GET', path, body, type }: Ask,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  if (kind === 'session')
    return { status: 0, headers: new Headers(), text: await talk(url + path, text, headers) };
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body: text }),
  });
  const answer = await response.text().catch(() => '');
  return { status: response.status, headers: response.headers, text: answer };
}

async function talk(
  url: string,
  message: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers });
  const said = await new Promise<string>((resolve) => {
    socket.once('open', () => socket.send(message));
    socket.once('message', (data) => resolve(String(data)));
    socket.once('close', () => resolve(''));
    socket.once('error', () => resolve(''));
  });
  socket.terminate();
  return said;
}
