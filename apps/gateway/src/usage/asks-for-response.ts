import { type ObjectMembers, valueOf } from '../body/read-members.ts';

/**
 * Returns whether a message of a session may ask for a response, as any reader may take it: what says no type, or says it twice or
 * as what is no text, may be anything.
 *
 * @param members among them `type`, if it is there
 */
export function mayAskForResponse(message: Buffer, { byKey, repeated }: ObjectMembers): boolean {
  const type = byKey.get('type');
  if (type === undefined || repeated.has('type')) return true;
  const read = valueOf(message, type);
  return typeof read !== 'string' || read.trim().toLowerCase() === 'response.create';
}
