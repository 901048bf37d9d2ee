import type { ActionName } from '../admin-types.ts';
import type { Subject } from '../words/effect.ts';

/** The result of an action: its effect, or the reason it was not done. */
export interface ActionResult {
  readonly isDone: boolean;
  readonly message: string;
  readonly isUnauthorized: boolean;
}

/** Asks the gateway to do something. Never rejects. */
export async function requestAction(base: URL, action: ActionName, subject: Subject): Promise<ActionResult> {
  const { backend, deployment } = subject;
  const place = deployment === undefined ? [backend] : [backend, 'deployments', deployment];
  const dots = place.find((name) => name === '.' || name === '..');
  if (dots !== undefined) return { isDone: false, message: describeDots(dots), isUnauthorized: false };
  const path = `admin/backends/${place.map(encodeURIComponent).join('/')}/${action}`;
  const { isOk, status, effect, problem } = await send(base, path, {});
  return { isDone: isOk, message: isOk ? (effect ?? 'Done.') : problem, isUnauthorized: status === 401 };
}

/** Browsers take these names for steps in a path, however they are escaped: the whole backend would be drained instead. */
function describeDots(name: string): string {
  return `A browser cannot ask for “${name}” alone. Nothing was changed; curl --path-as-is can.`;
}

/** Begins a session with a token. Returns the problem, or undefined if there is a session now. */
export async function beginSession(base: URL, token: string): Promise<string | undefined> {
  const { isOk, status, problem } = await send(base, 'admin/session', { token });
  if (isOk) return (await fetchState(base)).status === 401 ? NO_COOKIE : undefined;
  return status === 401 ? 'This token is not the one in the gateway’s configuration.' : problem;
}

/** The browser blocks cookies, or a proxy says https to the gateway where the browser speaks plain HTTP. */
const NO_COOKIE = 'The token is right, but this browser does not keep the cookie that it is exchanged for.';

const PATIENCE_MS = 10_000;

/** The gateway's state, as an answer of its own. */
export interface StateAnswer {
  /** 0 if the gateway does not answer in time, or something else answers in its place. */
  readonly status: number;
  readonly json: string;
}

/** Asks the gateway for its state. Never rejects. */
export async function fetchState(base: URL): Promise<StateAnswer> {
  try {
    const url = new URL('admin/state', base);
    const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
    // The sign-in page of a proxy has status 200, too.
    const isJson = /\bjson\b/i.test(response.headers.get('content-type') ?? '');
    return { status: isJson ? response.status : 0, json: await response.text() };
  } catch {
    return { status: 0, json: '' };
  }
}

/** How clients reach the gateway. */
export interface ClientSide {
  readonly scheme: 'http' | 'https';
  /** Undefined if it is any free one. */
  readonly port: number | undefined;
  /** The header that tells who they are; undefined where nobody is asked. */
  readonly credential: string | undefined;
}

/** Returns how clients reach the gateway, which differs from how the page does; undefined if it is unknown. */
export async function fetchClientSide(base: URL): Promise<ClientSide | undefined> {
  try {
    const response = await fetch(new URL('admin/config', base));
    const config = (await response.json()) as ConfigOfClients;
    const scheme = config.server?.tls === undefined ? 'http' : 'https';
    return { scheme, port: config.port || undefined, credential: credentialOf(config) };
  } catch {
    return undefined;
  }
}

/** The part of the configuration that says how clients reach the gateway. */
interface ConfigOfClients {
  readonly port?: number;
  readonly server?: { readonly tls?: object };
  readonly auth?: { readonly mode?: string };
  readonly clients?: readonly { readonly keys?: object }[];
}

function credentialOf({ auth, clients = [] }: ConfigOfClients): string | undefined {
  if (clients.length === 0 || auth?.mode === 'open') return undefined;
  return clients.some(({ keys }) => keys !== undefined)
    ? 'api-key: YOUR_KEY'
    : 'authorization: Bearer YOUR_TOKEN';
}

interface Answer {
  readonly isOk: boolean;
  /** 0 if there was none. */
  readonly status: number;
  readonly effect?: string | undefined;
  /** Why it is not OK, in the gateway's words if it has any. */
  readonly problem: string;
}

async function send(base: URL, path: string, value: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'x-spillway-admin': 'page' };
  const request = { method: 'POST', headers, body: JSON.stringify(value) };
  try {
    const response = await fetch(new URL(path, base), request);
    const { ok: isOk, status } = response;
    const { effect, error } = (await response.json().catch(() => ({}))) as {
      effect?: string;
      error?: { message?: string };
    };
    return { isOk, status, effect, problem: error?.message ?? `The gateway answered ${status}.` };
  } catch {
    const problem = 'The gateway cannot be reached. Nothing was changed, as far as is known.';
    return { isOk: false, status: 0, problem };
  }
}
