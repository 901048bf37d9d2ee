import type { Answer, HeaderLookup, Reading, StreamOpening } from '@spillway/core';
import type { BackendResponse } from './attempt-handler.ts';
import { unpacked } from './unpacked.ts';

/** The head of an answer, and what has to be read behind it. */
export interface AnswerHead {
  readonly status: number;
  readonly header: HeaderLookup;
  readonly toRead: Reading;
}

/**
 * Returns an answer as it is to be judged.
 *
 * @param isSession whether it was asked for a session whose messages are read
 */
export function answerOf(
  { status, header, toRead }: AnswerHead,
  opening: StreamOpening | undefined,
  response: BackendResponse,
  isSession: boolean,
): Answer<BackendResponse> {
  const { session } = response;
  const isRefusal = isSession && (session === undefined || session.refusal !== undefined);
  return {
    kind: 'answered',
    status,
    header,
    bodyText: toRead === 'body' ? keptText(response, header) : undefined,
    opening,
    ...session?.refusal,
    hasMadeNothing: isRefusal || undefined,
    body: response,
  };
}

function keptText({ body }: BackendResponse, header: HeaderLookup): string | undefined {
  return unpacked(body.kept, header('content-encoding'))?.toString('utf8');
}
