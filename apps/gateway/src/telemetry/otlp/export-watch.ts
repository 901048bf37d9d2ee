import type { Log } from '../log.ts';

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
  readonly #signal: string;
  readonly #log: Log;
  readonly #sizeOf: (batch: Batch) => number;
  #isFailing = false;
  /** The number of lost items. */
  dropped = 0;

  constructor(signal: string, log: Log, sizeOf: (batch: Batch) => number) {
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

  #note(batch: Batch, { code, error }: ExportResult): void {
    const signal = this.#signal;
    if (code !== 0) this.dropped += this.#sizeOf(batch);
    if (code !== 0 && !this.#isFailing)
      this.#log.warn({ signal, reason: describe(error) }, 'the OTLP receiver does not take what is sent');
    if (code === 0 && this.#isFailing) this.#log.info({ signal }, 'the OTLP receiver takes it again');
    this.#isFailing = code !== 0;
  }
}

/** Messages may contain the receiver's response. */
function describe(error: (Error & { readonly code?: unknown }) | undefined): string {
  return String(error?.code ?? error?.name ?? 'unknown');
}
