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
  const path = `admin/backends/${place.map(encodeURIComponent).join('/')}/${action}`;
  const { isOk, status, body } = await send(base, path, {});
  const { effect, error } = body as { effect?: string; error?: { message?: string } };
  const message = isOk ? (effect ?? 'Done.') : (error?.message ?? `The gateway answered ${status}.`);
  return { isDone: isOk, message, isUnauthorized: status === 401 };
}

/** Begins a session with a token. Returns the problem, or undefined if there is a session now. */
export async function beginSession(base: URL, token: string): Promise<string | undefined> {
  const { isOk, status } = await send(base, 'admin/session', { token });
  if (isOk) return (await fetchStatus(base)) === 401 ? NO_COOKIE : undefined;
  if (status === 401) return 'This token is not the one in the gateway’s configuration.';
  return status === 0 ? 'The gateway cannot be reached.' : `The gateway answered ${status}.`;
}

/** The browser blocks cookies, or a proxy says https to the gateway where the browser speaks plain HTTP. */
const NO_COOKIE = 'The token is right, but this browser does not keep the cookie that it is exchanged for.';

const PATIENCE_MS = 10_000;

/** Returns the status with which the gateway shows its state to this page; 0 if it does not answer in time. */
export function fetchStatus(base: URL): Promise<number> {
  return fetch(new URL('admin/state', base), { signal: AbortSignal.timeout(PATIENCE_MS) }).then(
    ({ status }) => status,
    () => 0,
  );
}

/** Returns the clients' port, which differs from the page's; undefined if it is unknown. */
export async function fetchClientPort(base: URL): Promise<number | undefined> {
  try {
    const response = await fetch(new URL('admin/config', base));
    const { port } = (await response.json()) as { port?: number };
    return port || undefined;
  } catch {
    return undefined;
  }
}

async function send(
  base: URL,
  path: string,
  value: object,
): Promise<{ isOk: boolean; status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json', 'x-spillway-admin': 'page' };
  try {
    const response = await fetch(new URL(path, base), {
      method: 'POST',
      headers,
      body: JSON.stringify(value),
    });
    return {
      isOk: response.ok,
      status: response.status,
      body: await response.json().catch(() => ({})),
    };
  } catch {
    return {
      isOk: false,
      status: 0,
      body: { error: { message: 'The gateway cannot be reached. Nothing was changed, as far as is known.' } },
    };
  }
}
