import { type HeaderLookup, type Reading, whatToReadOfNoStream } from '@spillway/core';

/** The head of an answer, and the part of its body that has to be read. */
export interface AnswerHead {
  readonly status: number;
  readonly header: HeaderLookup;
  readonly toRead: Reading;
  /** The operation that was requested. */
  readonly operation?: string | undefined;
}

/** Returns the head of an answer that may have looked like a stream but is none. */
export function asNoStream(head: AnswerHead): AnswerHead {
  return { ...head, toRead: whatToReadOfNoStream(head.operation) };
}

/** The head of an answer that has not come, or of which nothing is read. */
export const NO_HEAD: AnswerHead = { status: 0, header: () => undefined, toRead: 'nothing' };

/** The head of an accepted upgrade, of which nothing is read but that it is one. */
export const UPGRADED: AnswerHead = {
  ...NO_HEAD,
  header: (name) => (name === 'upgrade' ? 'websocket' : undefined),
};
