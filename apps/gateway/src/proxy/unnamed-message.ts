import { isEncodedOtherwise } from '../body/hidden-body.ts';
import { readMembers } from '../body/read-members.ts';
import type { Route } from '../route/classify-route.ts';
import { mayAskForResponse } from '../usage/asks-for-response.ts';

const WANTED: ReadonlySet<string> = new Set(['type', 'response']);

/**
 * Returns whether a message of a session names no deployment, and yet may ask for a response: whoever may not use each, or is
 * charged for each, has to say which, as all readers read it. What is said of a response that goes on, such as that it is to end,
 * names none.
 */
export function asksUnnamed({ deployment, content }: Route): boolean {
  if (deployment !== '') return false;
  if (content === undefined || content.hasUnreadModel || !content.isWhole) return true;
  const { body } = content;
  const members = isEncodedOtherwise(body, undefined) ? undefined : readMembers(body, WANTED);
  if (members === undefined) return true;
  // Below `response` another API says what is asked for.
  return members.byKey.has('response') || mayAskForResponse(body, members);
}
