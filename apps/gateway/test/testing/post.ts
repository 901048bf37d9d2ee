/** The path of a classic chat completion. */
export const chatPath = '/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21';

/** A small chat completion's body. */
export const chatBody = { messages: [{ role: 'user', content: 'Hello' }] };

/** The same as a stream. */
export const streamBody = { ...chatBody, stream: true };

/** Posts JSON; text and bytes are sent as they are. */
export function post(
  gateway: { readonly url: string },
  path: string = chatPath,
  body: unknown = chatBody,
  { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Response> {
  return fetch(gateway.url + path, {
    method: 'POST',
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    ...init,
    headers: { 'content-type': 'application/json', 'api-key': 'client-key', ...headers },
  });
}

/** Returns the status of a response and its error, if it is one. */
export async function errorOf(
  response: Response,
): Promise<{ status: number; code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, ...error };
}
