import { isEncodedOtherwise } from '../body/hidden-body.ts';
import { readMembers } from '../body/read-members.ts';
import type { Route } from '../route/classify-route.ts';
import { mayAskForResponse } from '../usage/asks-for-response.ts';

const WANTED: ReadonlySet<string> = new Set(['type', 'response']);

/**
 * Returns whether a session's message names no deployment, but may request a response. A client that may not use every
 * deployment, or is charged for each, has to name it unambiguously. Messages about a running response, such as its
 * cancellation, name none.
 */
export function asksUnnamed({ deployment, content }: Route): boolean {
  if (deployment !== '') return false;
  if (content === undefined || content.hasUnreadModel || !content.isWhole) return true;
  const { body } = content;
  const members = isEncodedOtherwise(body, undefined) ? undefined : readMembers(body, WANTED);
  if (members === undefined) return true;
  // Another API has its request below `response`.
  return members.byKey.has('response') || mayAskForResponse(body, members);
}
