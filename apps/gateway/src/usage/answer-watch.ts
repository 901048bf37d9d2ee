import { isJsonType } from '../body/json-type.ts';
import { headersOfEdited } from '../headers/headers-of-edited.ts';
import type { AnswerUsage } from '../telemetry/exchange.ts';
import { AnswerMeter } from './answer-meter.ts';
import { BodyTail } from './body-tail.ts';
import { MeteredBody, UnpackedBody } from './metered-body.ts';
import type { ReadableBody } from './readable-body.ts';
import type { Metering } from './meterings.ts';
import { type AnswerKind, readOwnUsage } from './read-usage.ts';
import { createUnpacker, UnpackedCopy } from './unpacker.ts';
import { UsageFilter } from './usage-filter.ts';

/** An answer that can be read as it passes. */
export interface MeterableAnswer {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: ReadableBody;
}

/** The answer in the form that its client gets. */
export type MeteredAnswer<A extends MeterableAnswer> = Omit<A, 'body'> & { readonly body: ReadableBody };

/** Reads an answer as it passes. */
export class AnswerWatch {
  /** The relayed part of it, as received. */
  bytes = 0;
  isWhole = false;
  /** Whether it is packed in an unknown way. */
  isUnreadable = false;
  /** Its reader, where it can be read; not needed where its end reports everything. */
  meter: AnswerMeter | undefined;
  readonly contentType: string;
  readonly #told: Metering['told'];
  readonly #kind: AnswerKind;
  readonly #isJson: boolean;
  readonly #saysAll: boolean;
  readonly #tail: BodyTail | undefined;
  /** The usage of an answer that came in one piece, and reports everything at its end. */
  #usage: AnswerUsage | undefined;
  /** The readable copy of a packed answer that its client gets unchanged. */
  #copy: UnpackedCopy | undefined;

  /** @param saysAll whether any text in it may be a model's output */
  constructor(contentType: string, told: Metering['told'], saysAll: boolean) {
    this.#saysAll = saysAll;
    this.contentType = contentType.toLowerCase();
    this.#told = told;
    this.#kind = this.contentType.startsWith('text/event-stream') ? 'events' : 'json';
    this.#isJson = this.#kind === 'events' || this.contentType === '' || isJsonType(this.contentType);
    this.#tail = told === 'at-end' ? new BodyTail(this.#kind) : undefined;
  }

  /** Whether it is a stream of events. */
  get isStream(): boolean {
    return this.#kind === 'events';
  }

  /** The usage that it reports. */
  get usage(): AnswerUsage | undefined {
    return this.#usage ?? this.meter?.usage ?? this.#tail?.usage();
  }

  /** Resolves when the rest of a packed answer has been read; undefined where there is nothing to wait for. */
  get whenRead(): Promise<void> | undefined {
    return this.#copy?.whenRead;
  }

  /**
   * Returns the answer, which is read as its client gets it: without the parts that it has only because the gateway
   * requested them.
   */
  watch<A extends MeterableAnswer>(
    answer: A,
    contentEncoding: string | undefined,
    wasAskedForUsage: boolean,
  ): MeteredAnswer<A> {
    const filter = wasAskedForUsage && this.#kind === 'events' ? new UsageFilter() : undefined;
    const unpacker = createUnpacker(contentEncoding);
    this.isUnreadable = unpacker === undefined;
    const isPlain = unpacker === 'none';
    if (filter !== undefined && unpacker !== undefined) {
      const plain = isPlain ? answer.body : new UnpackedBody(answer.body, unpacker);
      const body = new MeteredBody(plain, this, filter);
      return { ...answer, headers: headersOfEdited(answer.headers), body };
    }
    if (!isPlain) this.#copy = unpacker && new UnpackedCopy(unpacker, (chunk) => this.#read(chunk));
    return { ...answer, body: new MeteredBody(answer.body, this, undefined) };
  }

  /** For its body: a chunk passes. */
  write(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.isUnreadable) return;
    if (this.#copy === undefined) this.#read(chunk);
    else this.#copy.write(chunk);
  }

  /** For its body: nothing more will come. */
  end(isWhole: boolean, lastChunk?: Buffer): void {
    this.isWhole = isWhole;
    const isAll = isWhole && this.bytes === 0 && this.#copy === undefined;
    if (lastChunk !== undefined && isAll) this.#readAll(lastChunk);
    else if (lastChunk !== undefined) this.write(lastChunk);
    if (this.#tail !== undefined) this.#tail.isWhole = isWhole;
    this.#copy?.end();
  }

  /** Most answers come in one piece, and report their usage at the end: nothing else of them has to be read. */
  #readAll(json: Buffer): void {
    const isPlain = this.#isJson && this.#kind === 'json' && !this.isUnreadable;
    if (isPlain && this.#told === 'anywhere') this.#usage = readOwnUsage(json);
    if (this.#usage === undefined) this.write(json);
    else this.bytes = json.length;
  }

  #read(chunk: Buffer): void {
    if (!this.#isJson) return;
    if (this.#tail !== undefined) this.#tail.push(chunk);
    else (this.meter ??= new AnswerMeter(this.#kind, { saysAll: this.#saysAll })).write(chunk);
  }
}
