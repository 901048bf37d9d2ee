import type * as otelSdk from './otel-sdk.ts';

/** The exporters' message; the receiver's answer follows, in JSON. */
const PARTIAL = /^Received Partial Success/;

/** How many spans or points the receiver rejected of the batch whose result comes next. */
let rejected = 0;

/**
 * Listens for what receivers reject of a batch that they otherwise accept. The exporters report that only to OpenTelemetry's
 * own log, right before they report success.
 */
export function hearRejected({ diag, DiagLogLevel }: Pick<typeof otelSdk, 'diag' | 'DiagLogLevel'>): void {
  diag.setLogger(
    { error: ignore, warn: note, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

function ignore(): void {}

function note(message: string, answer?: unknown): void {
  if (PARTIAL.test(message)) rejected = countOf(answer);
}

/** Returns how much of the batch was rejected whose result has just come. */
export function takeRejected(): number {
  const taken = rejected;
  rejected = 0;
  return taken;
}

/** The answer may also be a mere warning that rejects nothing. */
function countOf(answer: unknown): number {
  try {
    const { rejectedSpans, rejectedDataPoints } = JSON.parse(String(answer)) as Record<string, unknown>;
    const count = Number(rejectedSpans ?? rejectedDataPoints ?? 0);
    return count > 0 && Number.isFinite(count) ? count : 0;
  } catch {
    return 0;
  }
}
