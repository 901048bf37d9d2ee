/** The trace context that an attempt is sent with. */
export interface AttemptTrace {
  /** The sender's span, if it is known. */
  readonly parent: unknown;
  headerFor(backend: string): string;
}

const PARENT = 'traceparent';
const STATE = 'tracestate';

/**
 * Puts the context of an attempt's own span into its headers. The client's `tracestate` is kept with its own trace only
 * (W3C Trace Context, §3.3).
 *
 * @param headers alternating names and values
 */
export function addTraceHeaders(headers: string[], trace: AttemptTrace, backend: string): void {
  let kept = 0;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (isNamed(name, PARENT) || (trace.parent === undefined && isNamed(name, STATE))) continue;
    headers[kept++] = name;
    headers[kept++] = headers[i + 1] as string;
  }
  headers.length = kept;
  headers.push(PARENT, trace.headerFor(backend));
}

function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}
