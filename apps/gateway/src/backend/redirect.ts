import type { Dispatcher } from 'undici';

/** A request as sent to a backend. */
type Sent = Dispatcher.DispatchOptions;

/**
 * Returns the request to send after a redirect to the same backend: nobody else may see the prompt, let alone the
 * credential. Undefined if the redirect leads elsewhere, or the request may already have had an effect.
 *
 * @param origin the backend's, such as `https://eu.openai.azure.com`
 * @param isRepeatable whether sending it twice creates nothing twice
 */
export function followRedirect(
  status: number,
  location: string | undefined,
  sent: Sent,
  origin: string,
  isRepeatable: boolean,
): Sent | undefined {
  if (location === undefined || !URL.canParse(location, origin + sent.path)) return undefined;
  const target = new URL(location, origin + sent.path);
  if (target.origin !== origin) return undefined;
  const path = target.pathname + target.search;
  const isRead = sent.method === 'GET' || sent.method === 'HEAD';
  switch (status) {
    case 307:
    case 308:
      return { ...sent, path };
    case 301:
    case 302:
      return isRead || isRepeatable ? { ...sent, path } : undefined;
    case 303:
      return isRead ? { ...sent, path } : { ...sent, path, method: 'GET', body: null, headers: headOf(sent) };
    default:
      return undefined;
  }
}

/** The headers without those of a body (RFC 9110 §15.4.4). */
function headOf({ headers }: Sent): string[] {
  const all = headers as readonly string[];
  return all.flatMap((name, i) =>
    i % 2 === 1 || /^content-/i.test(name) ? [] : [name, all[i + 1] as string],
  );
}
