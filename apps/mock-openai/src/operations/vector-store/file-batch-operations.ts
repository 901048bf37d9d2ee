import { create, json, missing, required, withObject, withOwner } from '../../calls/object-kind.ts';
import { cancelling, getting } from '../../calls/object-operations.ts';
import { pageOf } from '../../stored/page.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { makeId } from '../make-id.ts';
import { addFiles, completeFiles } from './make-vector-store-file.ts';
import { countFiles, vectorStoreFileKind, vectorStoreKind } from './vector-store-kind.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';
import type { ObjectOperation } from '../../calls/operation.ts';
import type { ObjectBody, StoredObject } from '../../stored/stored-object.ts';
import type { StoredObjects } from '../../stored/stored-objects.ts';

/** Files that were added to a vector store together. */
const fileBatchKind: ObjectKind = {
  path: 'vector_stores/{id}/file_batches',
  owner: vectorStoreKind,
  missing: (id) => missing(`No file batch found with id '${id}'.`),
  show: (batch, stored) => ({ ...batch.body, file_counts: countFiles(filesOf(batch, stored)) }),
};

/** The operations on such batches of files. */
export const fileBatchOperations: readonly ObjectOperation[] = [
  { method: 'POST', path: fileBatchKind.path, answer: createFileBatch },
  getting(fileBatchKind),
  cancelling(fileBatchKind, (batch) => ({ ...batch, body: { ...batch.body, status: 'cancelled' } })),
  { method: 'GET', path: `${fileBatchKind.path}/{id}/files`, answer: listFiles },
];

function createFileBatch(call: ObjectCall): ModelAnswer {
  return withOwner(fileBatchKind, call, (owner = '') => {
    const { file_ids: given } = call.body;
    if (!Array.isArray(given)) return required('file_ids');
    const fileIds = given.map(String);
    const wrong = addFiles(call.stored, owner, fileIds, call.body);
    if (wrong !== undefined) return wrong;
    const id = makeId('vsfb_');
    const body = {
      id,
      object: 'vector_store.files_batch',
      created_at: nowSeconds(),
      vector_store_id: owner,
      status: 'in_progress',
    };
    const finish = (last: ObjectBody) => {
      completeFiles(call.stored, owner, fileIds);
      return { ...last, status: 'completed' };
    };
    const inputs = fileIds.map((fileId) => ({ id: fileId }));
    return create(fileBatchKind, { id, owner, body, inputs, later: [finish] }, call.stored);
  });
}

function listFiles(call: ObjectCall): ModelAnswer {
  return withObject(fileBatchKind, call, (batch) => {
    const files = filesOf(batch, call.stored).flatMap((file) => (file === undefined ? [] : [file.body]));
    return json(pageOf(files, call.query, 20));
  });
}

function filesOf({ owner, inputs = [] }: StoredObject, stored: StoredObjects): (StoredObject | undefined)[] {
  const shelf = stored.shelf(vectorStoreFileKind.path);
  return inputs.map(({ id }) => shelf.get(String(id), owner));
}
