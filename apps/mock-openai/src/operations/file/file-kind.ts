import { missing } from '../../calls/object-kind.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { makeId } from '../make-id.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';
import type { StoredObject } from '../../stored/stored-object.ts';

/** Files that were uploaded, or that a batch wrote. */
export const fileKind: ObjectKind = {
  path: 'files',
  missing: (id) => missing(`No such File object: ${id}`, 'id'),
};

/** Makes a file; it needs no processing. */
export function makeFile(filename: string, purpose: string, bytes: Buffer): StoredObject {
  const id = makeId('file-');
  const body = {
    object: 'file',
    id,
    purpose,
    filename,
    bytes: bytes.length,
    created_at: nowSeconds(),
    expires_at: null,
    status: 'processed',
    status_details: null,
  };
  return { id, body, bytes };
}
