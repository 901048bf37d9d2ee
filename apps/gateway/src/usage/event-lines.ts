import { BYTE_ORDER_MARK } from '../body/byte-order-mark.ts';

const RETURN = 0x0d;
const NEWLINE = 0x0a;
const DATA = Buffer.from('data:');

/** The reader of events' data. */
export interface DataReader {
  /** Receives some bytes of an event's data; those of several lines follow each other. */
  write(chunk: Buffer, from: number, to: number): void;
  /** Called at the end of an event. */
  endEvent(): void;
}

/** Finds the data of the events in a `text/event-stream` whose chunks may end anywhere, and stores none of it. */
export class EventLines {
  readonly #reader: DataReader;
  #line: 'name' | 'data' | 'other' = 'name';
  #matched = 0;
  #endedInReturn = false;
  /** The number of bytes passed, as long as a byte order mark may still come. */
  #marked = 0;

  constructor(reader: DataReader) {
    this.#reader = reader;
  }

  write(chunk: Buffer): void {
    const hasReturns = chunk.includes(RETURN);
    let at = 0;
    while (at < chunk.length) at = this.#read(chunk, at, hasReturns);
  }

  #read(chunk: Buffer, from: number, hasReturns: boolean): number {
    const byte = chunk[from];
    if (this.#line === 'name' && byte !== RETURN && byte !== NEWLINE) return this.#readName(byte, from);
    const end = endOfLine(chunk, from, hasReturns);
    if (this.#line === 'data') this.#reader.write(chunk, from, end);
    if (end === chunk.length) return end;
    this.#endLine(chunk[end] === RETURN);
    return end + 1;
  }

  #readName(byte: number | undefined, at: number): number {
    this.#endedInReturn = false;
    if (this.#marked < BYTE_ORDER_MARK.length && byte === BYTE_ORDER_MARK[this.#marked]) {
      this.#marked++;
      return at + 1;
    }
    this.#marked = BYTE_ORDER_MARK.length;
    if (byte !== DATA[this.#matched]) this.#line = 'other';
    else if (++this.#matched === DATA.length) this.#line = 'data';
    return at + 1;
  }

  #endLine(isReturn: boolean): void {
    const isOtherHalf = !isReturn && this.#endedInReturn && this.#line === 'name' && this.#matched === 0;
    this.#endedInReturn = isReturn;
    if (isOtherHalf) return;
    if (this.#line === 'name' && this.#matched === 0) this.#reader.endEvent();
    this.#line = 'name';
    this.#matched = 0;
  }
}

function endOfLine(chunk: Buffer, from: number, hasReturns: boolean): number {
  const newline = chunk.indexOf(NEWLINE, from);
  const end = newline === -1 ? chunk.length : newline;
  const at = hasReturns ? chunk.subarray(from, end).indexOf(RETURN) : -1;
  return at === -1 ? end : from + at;
}
