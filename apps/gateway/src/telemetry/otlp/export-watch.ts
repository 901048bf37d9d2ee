import type { Log } from '../log.ts';
import type { Signal } from './rejected-items.ts';

/** The result of an export in OpenTelemetry's form: 0 is success. */
interface ExportResult {
  readonly code: number;
  readonly error?: Error | undefined;
}

/** The sender of batches. */
interface Exporter<Batch> {
  export(batch: Batch, done: (result: ExportResult) => void): void;
}

/** Counts the items that a receiver did not take. Logs once when that begins and once when it ends. */
export class ExportWatch<Batch> {
  readonly #signal: Signal;
  readonly #log: Log;
  readonly #sizeOf: (batch: Batch) => number;
  #isFailing = false;
  /** How many items the receiver rejected of the batch whose result comes next. */
  #rejected = 0;
  /** The number of lost items. */
  dropped = 0;

  constructor(signal: Signal, log: Log, sizeOf: (batch: Batch) => number) {
    this.#signal = signal;
    this.#log = log;
    this.#sizeOf = sizeOf;
  }

  /** Watches an exporter. It stays the same object, as its other methods need that. */
  watch<E extends Exporter<Batch>>(exporter: E): E {
    const send = exporter.export.bind(exporter);
    exporter.export = (batch, done) =>
      send(batch, (result) => {
        this.#note(batch, result);
        done(result);
      });
    return exporter;
  }

  /** The receiver has rejected this many items of the batch whose result comes next. */
  noteRejected(count: number): void {
    this.#rejected = count;
  }

  #note(batch: Batch, { code, error }: ExportResult): void {
    const signal = this.#signal;
    const size = this.#sizeOf(batch);
    const rejected = this.#rejected;
    this.#rejected = 0;
    const isFailing = code !== 0 || rejected > 0;
    if (isFailing) this.dropped += code === 0 ? Math.min(rejected, size) : size;
    if (isFailing && !this.#isFailing) {
      const reason = code === 0 ? 'a part is rejected' : describe(error);
      this.#log.warn({ signal, reason }, 'the OTLP receiver does not accept what is sent');
    }
    if (!isFailing && this.#isFailing) this.#log.info({ signal }, 'the OTLP receiver accepts it again');
    this.#isFailing = isFailing;
  }
}

/** The exporters' own messages; any other may contain the receiver's response. */
const MESSAGES: Readonly<Record<string, string>> = {
  'Export failed with retryable status': 'it is overloaded or unavailable',
  'Request timed out': 'no answer in time',
};

/** The names of gRPC's statuses, by their numbers. */
const GRPC_STATUSES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

function describe(error: (Error & { readonly code?: unknown }) | undefined): string {
  const status = typeof error?.code === 'number' ? GRPC_STATUSES[error.code] : undefined;
  return status ?? String(error?.code ?? MESSAGES[error?.message ?? ''] ?? error?.name ?? 'unknown');
}
