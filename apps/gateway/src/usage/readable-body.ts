import type { AnswerUsage } from '../telemetry/exchange.ts';

/** Who reads a body. */
export interface BodyReader {
  write(chunk: Buffer): boolean;
  end(lastChunk?: Buffer): void;
  fail(): void;
}

/** A backend's body as its reader sees it. */
export interface ReadableBody {
  readonly isEmpty: boolean;
  keepTail(): { usage(): AnswerUsage | undefined };
  readBy(reader: BodyReader): void;
  resume(): void;
  abort(): void;
}
