import type { Answer, Reading, StreamOpening } from '@spillway/core';
import type { AnswerHead } from './answer-head.ts';
import type { BackendResponse } from './backend-response.ts';
import { isPlainlyNone } from './plainly-good.ts';
import { unpacked, unpackedLeniently } from './unpacked.ts';

/**
 * Returns an answer in the form in which it is judged.
 *
 * @param isSession whether the request was for a session whose messages are read
 * @param isWhole whether nothing more of it will come
 */
export function answerOf(
  head: AnswerHead,
  opening: StreamOpening | undefined,
  response: BackendResponse,
  { isSession, isWhole }: { readonly isSession: boolean; readonly isWhole: boolean },
): Answer<BackendResponse> {
  const { status, header, toRead, operation } = head;
  const { session } = response;
  const isRefusal = isSession && (session === undefined || session.refusal !== undefined);
  return {
    kind: 'answered',
    status,
    header,
    operation,
    bodyText: mayTell(head, response, isWhole) ? keptText(head, response) : undefined,
    opening: opening ?? (isWhole && isCut(toRead, response) ? { kind: 'cut-short' } : undefined),
    ...session?.refusal,
    isOfObject: toRead === 'object' || undefined,
    hasMadeNothing: isRefusal || undefined,
    body: response,
  };
}

/** An empty body so far says nothing yet. For a body that begins like a good answer, nothing is reported at all. */
function mayTell(head: AnswerHead, { body }: BackendResponse, isWhole: boolean): boolean {
  switch (head.toRead) {
    case 'body':
      return isWhole || body.keptBytes > 0;
    case 'beginning':
      return isWhole || isPlainlyNone(head, body);
    case 'first-byte':
    case 'object':
      return isWhole;
    case 'nothing':
    case 'first-event':
      return false;
  }
}

/** Returns whether nothing has come, or only the beginning of the text. */
function isCut(toRead: Reading, { body }: BackendResponse): boolean {
  if (body.isCutShort) return true;
  return toRead !== 'nothing' && toRead !== 'first-event' && body.keptBytes === 0;
}

/** A body in an unknown coding may be a good answer, so only errors are read in spite of it. */
function keptText({ status, header }: AnswerHead, { body }: BackendResponse): string | undefined {
  const read = status < 400 ? unpacked : unpackedLeniently;
  return read(body.kept, header('content-encoding'))?.toString('utf8');
}
