import { type ObjectMembers, valueOf } from '../body/read-members.ts';

/**
 * Returns whether any reader may take a session's message for a request for a response: a message with no type, with
 * two, or with one that is no text may mean anything.
 *
 * @param members which include `type`, if it is there
 */
export function mayAskForResponse(message: Buffer, { byKey, repeated }: ObjectMembers): boolean {
  const type = byKey.get('type');
  if (type === undefined || repeated.has('type')) return true;
  const read = valueOf(message, type);
  return typeof read !== 'string' || read.trim().toLowerCase() === 'response.create';
}
