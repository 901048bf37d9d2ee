import { create, required, withOwner } from '../../calls/object-kind.ts';
import { changing, deleting, getting, listing } from '../../calls/object-operations.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { fileKind } from '../file/file-kind.ts';
import { makeId } from '../make-id.ts';
import { fileBatchOperations } from './file-batch-operations.ts';
import { addFiles, completeFiles, makeVectorStoreFile } from './make-vector-store-file.ts';
import { searchVectorStore } from './search-vector-store.ts';
import { vectorStoreFileKind, vectorStoreKind } from './vector-store-kind.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectOperation } from '../../calls/operation.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';

/** The operations on vector stores and the files in them. */
export const vectorStoreOperations: readonly ObjectOperation[] = [
  { method: 'POST', path: 'vector_stores', answer: createVectorStore },
  listing(vectorStoreKind),
  getting(vectorStoreKind),
  changing(vectorStoreKind, ['name', 'metadata', 'expires_after']),
  deleting(vectorStoreKind, 'vector_store.deleted'),
  { method: 'POST', path: 'vector_stores/{id}/search', answer: searchVectorStore },
  { method: 'POST', path: vectorStoreFileKind.path, answer: addFile },
  listing(vectorStoreFileKind, { filter: { parameter: 'filter', field: 'status' } }),
  getting(vectorStoreFileKind),
  changing(vectorStoreFileKind, ['attributes']),
  deleting(vectorStoreFileKind, 'vector_store.file.deleted'),
  ...fileBatchOperations,
];

function createVectorStore({ body, stored }: ObjectCall): ModelAnswer {
  const { file_ids: given = [], name = null, metadata = {}, expires_after: expiresAfter = null } = body;
  const id = makeId('vs_');
  const now = nowSeconds();
  const fileIds = Array.isArray(given) ? given.map(String) : [];
  const wrong = addFiles(stored, id, fileIds, body);
  if (wrong !== undefined) return wrong;
  const store = {
    id,
    object: 'vector_store',
    created_at: now,
    name,
    expires_after: expiresAfter,
    expires_at: null,
    last_active_at: now,
    metadata,
  };
  const finish = (last: ObjectBody) => {
    completeFiles(stored, id, fileIds);
    return last;
  };
  return create(vectorStoreKind, { id, body: store, later: [finish] }, stored);
}

function addFile(call: ObjectCall): ModelAnswer {
  return withOwner(vectorStoreFileKind, call, (owner = '') => {
    const { file_id: fileId } = call.body;
    if (typeof fileId !== 'string') return required('file_id');
    const file = call.stored.shelf(fileKind.path).get(fileId);
    if (file === undefined) return fileKind.missing(fileId);
    return create(vectorStoreFileKind, makeVectorStoreFile(owner, file, call.body), call.stored);
  });
}
