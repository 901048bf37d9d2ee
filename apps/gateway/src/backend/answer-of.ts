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
 * @param isWhole whether nothing more of it will come
 */
export function answerOf(
  { status, header, toRead }: AnswerHead,
  opening: StreamOpening | undefined,
  response: BackendResponse,
  { isSession, isWhole }: { readonly isSession: boolean; readonly isWhole: boolean },
): Answer<BackendResponse> {
  const { session } = response;
  const isRefusal = isSession && (session === undefined || session.refusal !== undefined);
  return {
    kind: 'answered',
    status,
    header,
    bodyText: mayTell(toRead, response, isWhole) ? keptText(response, header) : undefined,
    opening: opening ?? (isWhole && isCut(toRead, response) ? { kind: 'cut-short' } : undefined),
    ...session?.refusal,
    hasMadeNothing: isRefusal || undefined,
    body: response,
  };
}

/** That nothing has come yet tells nothing. Of what begins like a good answer nothing is told at all. */
function mayTell(toRead: Reading, { body }: BackendResponse, isWhole: boolean): boolean {
  return toRead === 'beginning' ? isWhole : toRead === 'body' && (isWhole || body.keptBytes > 0);
}

/** Nothing has come, or only the beginning of what it says. */
function isCut(toRead: Reading, { body }: BackendResponse): boolean {
  if (body.isCutShort) return true;
  return (toRead === 'beginning' || toRead === 'body') && body.keptBytes === 0;
}

function keptText({ body }: BackendResponse, header: HeaderLookup): string | undefined {
  return unpacked(body.kept, header('content-encoding'))?.toString('utf8');
}
