import type { AnswerUsage } from '../telemetry/exchange.ts';
import type { AnswerKind } from './read-usage.ts';

/** The reader of a body. */
export interface BodyReader {
  write(chunk: Buffer): boolean;
  end(lastChunk?: Buffer): void;
  fail(): void;
}

/** A backend's body from the reader's point of view. */
export interface ReadableBody {
  readonly isEmpty: boolean;
  keepTail(kind: AnswerKind): { usage(): AnswerUsage | undefined };
  readBy(reader: BodyReader): void;
  resume(): void;
  abort(): void;
}
