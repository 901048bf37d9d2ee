import type { Mock } from '../../src/mock.ts';

/** The URL path of a classic chat completion. */
export const chatPath = '/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21';

/** A small chat completion's body. */
export const chatBody = { messages: [{ role: 'user', content: 'Hello' }] };

/** The same, as a stream. */
export const streamBody = { ...chatBody, stream: true };

/** Posts JSON to a mock; text is sent as it is. */
export function post(
  mock: Pick<Mock, 'url'>,
  path: string = chatPath,
  body: unknown = chatBody,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(mock.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
    headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
  });
}

/** Reads a stream's events; `[DONE]` is left as text. */
export async function readEvents(response: Response): Promise<unknown[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.replace(/^data: /, ''))
    .map((event) => (event === '[DONE]' ? event : JSON.parse(event)));
}
