/** The origin of a request according to its `traceparent` header (W3C Trace Context, level 2). */
export interface TraceParent {
  /** 32 hex digits. */
  readonly traceId: string;
  /** The sender's span: 16 hex digits. */
  readonly spanId: string;
  readonly flags: number;
}

export const SAMPLED_FLAG = 1;
/** Whether the trace id is random; must be passed on (level 2, §3.2.2.5.2). */
export const RANDOM_FLAG = 2;

/** A later version may have more fields, after a dash. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** Parses a `traceparent` header; undefined if there is none, or it is malformed. */
export function parseTraceParent(header: string | string[] | undefined): TraceParent | undefined {
  if (typeof header !== 'string') return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** Renders a `traceparent` header, in the only existing version. */
export function renderTraceParent({ traceId, spanId, flags }: TraceParent): string {
  return `00-${traceId}-${spanId}-0${flags & (SAMPLED_FLAG | RANDOM_FLAG)}`;
}
