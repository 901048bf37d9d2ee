import type { IncomingMessage } from 'node:http';
import { openSession, realtimePath, refusedSession, type SessionClient } from '../../testing/open-session.ts';
import type { FailureRow, RowClient, Seen } from '../failure-row.ts';

const SESSION = '101 session.created, from b, 2 attempts';

const rows: readonly FailureRow[] = [
  {
    title: 'a is throttled when a session is asked for',
    backends: ['throttle(30)', 'ok'],
    client: opens(({ socket }) => socket.close()),
    sees: SESSION,
    cooldowns: 'gpt-realtime at a, throttled, 30 s',
    logged: '101 complete, a throttled (429), b succeeded (101)',
  },
  {
    title: 'a answers 500 when a session is asked for',
    backends: ['status(500)', 'ok'],
    client: opens(({ socket }) => socket.close()),
    sees: SESSION,
    cooldowns: 'gpt-realtime at a, cooling, 10 s',
    logged: '101 complete, a unavailable (500), b succeeded (101)',
  },
  {
    title: 'a answers 200 when a session is asked for, as a proxy that knows no upgrades',
    backends: ['status(200)', 'ok'],
    client: opens(({ socket }) => socket.close()),
    sees: SESSION,
    cooldowns: 'GET realtime of gpt-realtime at a, cooling, 10 s',
    logged: '101 complete, a declined (200), b succeeded (101)',
  },
  {
    title: 'a answers 426 when a session is asked for',
    backends: ['status(426)', 'ok'],
    client: opens(({ socket }) => socket.close()),
    sees: SESSION,
    cooldowns: 'GET realtime of gpt-realtime at a, cooling, 10 s',
    logged: '101 complete, a declined (426), b succeeded (101)',
  },
  {
    title: 'a resets the connection when a session is asked for',
    backends: ['reset', 'ok'],
    client: opens(({ socket }) => socket.close()),
    sees: SESSION,
    cooldowns: 'a as a whole, cooling, 10 s',
    logged: '101 complete, a unreachable (reset), b succeeded (101)',
  },
  {
    title: 'a and b are throttled when a session is asked for, for 30 s and 20 s',
    backends: ['throttle(30)', 'throttle(20)'],
    client: async (scene) => {
      const { response, body } = await refusedSession(scene, realtimePath);
      return [seen(response, body)];
    },
    sees: '429 error 429, 2 attempts, retry-after: 20',
    cooldowns: 'gpt-realtime at a, throttled, 30 s; gpt-realtime at b, throttled, 20 s',
    logged: '429 complete (throttled), a throttled (429), b throttled (429)',
  },
  {
    title: 'a resets the connection within a session',
    backends: ['reset(after-chunks=1)', 'ok'],
    client: opens(() => {}),
    sees: '101 part of a body, from a, 1 attempt; then the connection breaks',
    cooldowns: 'nobody',
    logged: '101 interrupted, a succeeded (101)',
  },
  {
    title: 'the client leaves within a session',
    backends: ['ok', 'ok'],
    client: opens(({ socket }) => socket.terminate()),
    sees: '101 part of a body, from a, 1 attempt; then the connection breaks',
    cooldowns: 'nobody',
    logged: '101 abandoned, a succeeded (101)',
  },
];

const asksInSession: RowClient = async (scene) => {
  const session = await openSession(scene, '/openai/v1/responses');
  session.socket.send('{"type":"response.create","model":"gpt-4o","input":"Hello","store":false}');
  const text = (await session.next()).data.toString();
  session.socket.close();
  const { code } = await session.closed;
  const told = (JSON.parse(text) as { headers?: Record<string, string> }).headers ?? {};
  const headers = new Headers({ ...told, 'content-type': 'application/json' });
  return [{ status: session.response.statusCode ?? 0, headers, body: text, isBroken: code === 1006 }];
};

const answered: readonly FailureRow[] = [
  {
    title: 'a is throttled for a session of the Responses API',
    backends: ['throttle(30)', 'ok'],
    client: asksInSession,
    sees: '101 response.created',
    cooldowns: 'gpt-4o at a, throttled, 30 s',
    logged: '101 complete, a throttled (429), b succeeded (101)',
  },
  {
    title: 'a and b are throttled for a session of the Responses API, for 30 s and 20 s',
    backends: ['throttle(30)', 'throttle(20)'],
    client: asksInSession,
    sees: '101 error 429, 2 attempts, retry-after: 20',
    cooldowns: 'gpt-4o at a, throttled, 30 s; gpt-4o at b, throttled, 20 s',
    logged: '429 complete (throttled), a throttled (429), b throttled (429)',
  },
  {
    title: 'a closes a session of the Responses API before it has said anything of use',
    backends: ['truncate(after-chunks=1)', 'ok'],
    client: asksInSession,
    sees: '101 response.created',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '101 complete, a unavailable (101), b succeeded (101)',
  },
  {
    title: 'a resets a session of the Responses API before it has said anything of use',
    backends: ['reset(after-chunks=1)', 'ok'],
    client: asksInSession,
    sees: '101 response.created',
    cooldowns: 'a as a whole, cooling, 10 s',
    logged: '101 complete, a unreachable (reset), b succeeded (101)',
  },
];

/** Failures of sessions: realtime ones, and those of the Responses API. */
export const sessions: readonly FailureRow[] = [
  ...rows.map((row) => ({ ...row, deployment: 'gpt-realtime' })),
  ...answered,
];

/** A client that opens a session, sees its first event, does something and waits for the end. */
function opens(act: (session: SessionClient) => void): RowClient {
  return async (scene) => {
    const session = await openSession(scene);
    const { data } = await session.next();
    act(session);
    const { code } = await session.closed;
    return [{ ...seen(session.response, data.toString()), isBroken: code === 1006 }];
  };
}

function seen({ statusCode = 0, headers }: IncomingMessage, body: string): Seen {
  const pairs = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  const json: [string, string] = ['content-type', 'application/json'];
  return { status: statusCode, headers: new Headers([...pairs, json]), body, isBroken: false };
}
