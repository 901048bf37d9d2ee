import type * as otelSdk from './otel-sdk.ts';

/** A kind of telemetry that has an exporter of its own. */
export type Signal = 'traces' | 'metrics';

/** The exporters' message; the receiver's answer follows, in JSON. */
const PARTIAL = /^Received Partial Success/;

/**
 * Listens for what receivers reject of a batch that they otherwise accept. The exporters report that only to OpenTelemetry's
 * own log, right before they report success.
 *
 * @param note gets the number of rejected spans or points
 */
export function hearRejected(
  { diag, DiagLogLevel }: Pick<typeof otelSdk, 'diag' | 'DiagLogLevel'>,
  note: (signal: Signal, count: number) => void,
): void {
  const warn = (message: string, answer?: unknown) => {
    if (!PARTIAL.test(message)) return;
    const { rejectedSpans, rejectedDataPoints } = parse(answer);
    if (isCount(rejectedSpans)) note('traces', Number(rejectedSpans));
    if (isCount(rejectedDataPoints)) note('metrics', Number(rejectedDataPoints));
  };
  diag.setLogger(
    { error: ignore, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

function ignore(): void {}

/** The answer may also be a mere warning that rejects nothing. */
function isCount(value: unknown): boolean {
  const count = Number(value ?? 0);
  return count > 0 && Number.isFinite(count);
}

function parse(answer: unknown): Record<string, unknown> {
  try {
    return (JSON.parse(String(answer)) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
