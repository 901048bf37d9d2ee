import type { AnswerUsage } from '../telemetry/exchange.ts';
import type { AnswerKind } from './read-usage.ts';

/** Who reads a body. */
export interface BodyReader {
  write(chunk: Buffer): boolean;
  end(lastChunk?: Buffer): void;
  fail(): void;
}

/** A backend's body as its reader sees it. */
export interface ReadableBody {
  readonly isEmpty: boolean;
  keepTail(kind: AnswerKind): { usage(): AnswerUsage | undefined };
  readBy(reader: BodyReader): void;
  resume(): void;
  abort(): void;
}
