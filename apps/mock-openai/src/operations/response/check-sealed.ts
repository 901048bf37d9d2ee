import { missing } from '../../calls/object-kind.ts';
import { outputItemKind } from './response-kind.ts';
import type { InvalidAnswer } from '../../calls/model-call.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { ItemsCall } from './earlier-items.ts';

/** Returns which item is sealed so that this resource cannot open it, or refers to reasoning that it does not have. */
export function checkSealed({ stored }: ItemsCall, items: readonly ObjectBody[]): InvalidAnswer | undefined {
  for (const { type, id, encrypted_content: sealed } of items) {
    if (typeof sealed === 'string') {
      const inside = stored.seal.open(sealed);
      if (inside === undefined) return unverified(sealed, 'could not be decrypted or parsed');
      // Clients may leave out an item's id, but not change it.
      const isAnother = typeof id === 'string' && /^(rs|cmp)_/.test(id) && id !== inside;
      if (isAnother) return unverified(sealed, 'item_id did not match the target item id');
      continue;
    }
    if (type !== 'reasoning' || typeof id !== 'string' || !id.startsWith('rs_')) continue;
    if (stored.shelf(outputItemKind.path).get(id) === undefined) return notPersisted(id);
  }
  return undefined;
}

function unverified(sealed: string, reason: string): InvalidAnswer {
  const shown = `${sealed.slice(0, 4)}...${sealed.slice(-4)}`;
  const message = `The encrypted content ${shown} could not be verified. Reason: Encrypted content ${reason}.`;
  return { kind: 'invalid', message, param: null, code: 'invalid_encrypted_content' };
}

function notPersisted(id: string): InvalidAnswer {
  return missing(
    `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
    'input',
  );
}
