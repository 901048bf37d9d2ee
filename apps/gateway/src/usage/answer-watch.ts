import type { AnswerUsage } from '../telemetry/exchange.ts';
import { AnswerMeter } from './answer-meter.ts';
import { BodyTail } from './body-tail.ts';
import { MeteredBody, UnpackedBody } from './metered-body.ts';
import type { ReadableBody } from './readable-body.ts';
import type { Metering } from './metering.ts';
import { createUnpacker, UnpackedCopy } from './unpacker.ts';
import { UsageFilter } from './usage-filter.ts';

/** An answer that can be read as it passes. */
export interface MeterableAnswer {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: ReadableBody;
}

/** The answer as its client gets it. */
export type MeteredAnswer<A extends MeterableAnswer> = Omit<A, 'body'> & { readonly body: ReadableBody };

/** Reads an answer as it passes. */
export class AnswerWatch {
  /** What was relayed of it, as it came. */
  bytes = 0;
  isWhole = false;
  /** Whether it is packed in a way that is not known. */
  isUnreadable = false;
  /** Resolves when the rest of a packed one has been read; undefined where there is nothing to wait for. */
  isRead: Promise<void> | undefined;
  /** What reads it, where it can be read; not where its end tells all. */
  meter: AnswerMeter | undefined;
  #tail: BodyTail | undefined;
  readonly contentType: string;
  readonly #told: Metering['told'];

  constructor(contentType: string, told: Metering['told']) {
    this.contentType = contentType.toLowerCase();
    this.#told = told;
  }

  /** What it says that it has taken. */
  get usage(): AnswerUsage | undefined {
    return this.meter?.usage ?? this.#tail?.usage();
  }

  /** Returns the answer, which is read as its client gets it: without what it tells only because it was asked to. */
  watch<A extends MeterableAnswer>(
    answer: A,
    contentEncoding: string | undefined,
    wasAskedForUsage: boolean,
  ): MeteredAnswer<A> {
    const isEvents = this.contentType.startsWith('text/event-stream');
    const filter = wasAskedForUsage && isEvents ? new UsageFilter() : undefined;
    const unpacker = createUnpacker(contentEncoding);
    this.isUnreadable = unpacker === undefined;
    const read = this.#createReader(isEvents);
    if (unpacker === 'none') return { ...answer, body: this.#metered(answer.body, read, filter) };
    if (filter !== undefined && unpacker !== undefined) {
      const body = this.#metered(new UnpackedBody(answer.body, unpacker), read, filter);
      return { ...answer, headers: plainHeaders(answer.headers), body };
    }
    const copy = unpacker && new UnpackedCopy(unpacker, read);
    this.isRead = copy?.isRead;
    const body = this.#metered(
      answer.body,
      (chunk) => copy?.write(chunk),
      undefined,
      () => copy?.end(),
    );
    return { ...answer, body };
  }

  #createReader(isEvents: boolean): (chunk: Buffer) => void {
    const isJson =
      isEvents || this.contentType === '' || /^application\/(?:.*\+)?json\b/.test(this.contentType);
    if (!isJson) return () => {};
    if (this.#told === 'at-end') {
      const tail = (this.#tail = new BodyTail());
      return (chunk) => tail.push(chunk);
    }
    const meter = (this.meter = new AnswerMeter(isEvents ? 'events' : 'json'));
    return (chunk) => meter.write(chunk);
  }

  #metered(
    body: ReadableBody,
    read: (chunk: Buffer) => void,
    filter: UsageFilter | undefined,
    onEnd?: () => void,
  ): MeteredBody {
    const write = (chunk: Buffer) => {
      this.bytes += chunk.length;
      read(chunk);
    };
    const end = (isWhole: boolean) => {
      this.isWhole = isWhole;
      onEnd?.();
    };
    return new MeteredBody(body, { write, end }, filter);
  }
}

/** The length was that of the packed one. */
function plainHeaders<H extends MeterableAnswer['headers']>(headers: H): H {
  return { ...headers, 'content-encoding': undefined, 'content-length': undefined };
}
