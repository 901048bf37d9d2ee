import type { Seen } from './failure-row.ts';

/** Headers that matter to a client of a failed request, and their form in the table. */
const SHOWN = [
  'retry-after',
  'x-should-retry',
  'allow',
  'location',
  'content-encoding',
  'x-spillway-replay',
  'x-spillway-missing',
];

/**
 * Returns a client's answer in a few words: status, body, headers, and whether the client can tell that something is
 * missing.
 */
export function describeSeen({ status, headers, body, isBroken }: Seen): string {
  if (status === undefined)
    return body === '' ? 'the connection breaks' : `${body}, then the connection breaks`;
  const parts = [`${status} ${describeBody(headers, body, isBroken)}`];
  const backend = headers.get('x-spillway-backend');
  const attempts = headers.get('x-spillway-attempts');
  if (backend !== null) parts.push(`from ${backend}`);
  if (attempts !== null) parts.push(attempts === '1' ? '1 attempt' : `${attempts} attempts`);
  for (const name of SHOWN) if (headers.has(name)) parts.push(`${name}: ${headers.get(name)}`);
  return `${parts.join(', ')}${isBroken ? '; then the connection breaks' : ''}`;
}

function describeBody(headers: Headers, body: string, isBroken: boolean): string {
  const type = headers.get('content-type') ?? '';
  if (body === '') return 'no body';
  if (isBroken) return 'part of a body';
  if (type.startsWith('text/event-stream')) {
    return body.endsWith('data: [DONE]\n\n') ? 'stream' : 'stream without [DONE]';
  }
  if (type.startsWith('application/json')) return describeJson(body);
  return type.startsWith('text/html') ? 'HTML' : `${body.length} bytes`;
}

function describeJson(body: string): string {
  try {
    const { object, type, error, id } = JSON.parse(body) as {
      object?: string;
      type?: string;
      id?: string;
      error?: { code: string | null; type?: string } | null;
    };
    if (error) return `error ${error.code ?? error.type}`;
    return object ?? type ?? id ?? 'JSON';
  } catch {
    return 'broken JSON';
  }
}
