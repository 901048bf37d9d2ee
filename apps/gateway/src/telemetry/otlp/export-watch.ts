import type { Log } from '../log.ts';

/** What came of an export, as OpenTelemetry has it: 0 is success. */
interface ExportResult {
  readonly code: number;
  readonly error?: Error | undefined;
}

/** What sends batches. */
interface Exporter<Batch> {
  export(batch: Batch, done: (result: ExportResult) => void): void;
}

/** Counts what a receiver did not take. The log is told once when that begins and once when it ends. */
export class ExportWatch<Batch> {
  readonly #signal: string;
  readonly #log: Log;
  readonly #sizeOf: (batch: Batch) => number;
  #isFailing = false;
  /** How many items nobody will ever see. */
  dropped = 0;

  constructor(signal: string, log: Log, sizeOf: (batch: Batch) => number) {
    this.#signal = signal;
    this.#log = log;
    this.#sizeOf = sizeOf;
  }

  /** Watches an exporter. It stays the object that it is, as its other methods need that. */
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

/** Messages may hold what the receiver has answered. */
function describe(error: (Error & { readonly code?: unknown }) | undefined): string {
  return String(error?.code ?? error?.name ?? 'unknown');
}
