import { type HeaderLookup, type Reading, whatToReadOfNoStream } from '@spillway/core';

/** The head of an answer, and what has to be read behind it. */
export interface AnswerHead {
  readonly status: number;
  readonly header: HeaderLookup;
  readonly toRead: Reading;
  /** What was asked for. */
  readonly operation?: string | undefined;
}

/** Returns the head of what may have been a stream, and is none. */
export function asNoStream(head: AnswerHead): AnswerHead {
  return { ...head, toRead: whatToReadOfNoStream(head.operation) };
}
