/** What of a trace an attempt is sent with. */
export interface AttemptTrace {
  /** Who has sent the request, if that is known. */
  readonly parent: unknown;
  headerFor(backend: string): string;
}

const PARENT = 'traceparent';
const STATE = 'tracestate';

/**
 * Gives an attempt's headers the place of its own span. The client's `tracestate` goes on with its trace, but not with another
 * (W3C Trace Context, §3.3).
 *
 * @param headers names and values in turn, as is the answer
 */
export function withTraceHeaders(headers: readonly string[], trace: AttemptTrace, backend: string): string[] {
  const traced = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (isNamed(name, PARENT) || (trace.parent === undefined && isNamed(name, STATE))) continue;
    traced.push(name, headers[i + 1] as string);
  }
  traced.push(PARENT, trace.headerFor(backend));
  return traced;
}

function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}
