import type { ObjectMembers } from '../body/read-members.ts';

/**
 * Returns whether a message of a session may ask for a response, as any reader may take it: what says no type, or says it twice or
 * as what is no text, may be anything.
 *
 * @param members among them `type`, if it is there
 */
export function mayAskForResponse(message: Buffer, { byKey, repeated }: ObjectMembers): boolean {
  const type = byKey.get('type');
  if (type === undefined || repeated.has('type')) return true;
  const read = parse(message.toString('utf8', type.range.start, type.range.end));
  return typeof read !== 'string' || read.trim().toLowerCase() === 'response.create';
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
