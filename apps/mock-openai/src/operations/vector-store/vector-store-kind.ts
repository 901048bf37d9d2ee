import { missing } from '../../calls/object-kind.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';
import type { ObjectBody, StoredObject } from '../../stored/stored-object.ts';
import type { StoredObjects } from '../../stored/stored-objects.ts';

/** Vector stores; their file counts are computed when they are asked for. */
export const vectorStoreKind: ObjectKind = {
  path: 'vector_stores',
  missing: (id) => missing(`No vector store found with id '${id}'.`),
  show: showStore,
};

/** The files in a vector store. */
export const vectorStoreFileKind: ObjectKind = {
  path: 'vector_stores/{id}/files',
  owner: vectorStoreKind,
  missing: (id) => missing(`No file found with id '${id}' in vector store.`),
};

/** Counts files by their state, as a vector store and a batch of its files report it. */
export function countFiles(files: readonly (StoredObject | undefined)[]): ObjectBody {
  const completed = files.filter((file) => file?.body['status'] === 'completed').length;
  const open = files.length - completed;
  return { in_progress: open, completed, failed: 0, cancelled: 0, total: files.length };
}

function showStore({ id, body }: StoredObject, stored: StoredObjects): ObjectBody {
  const files = stored.shelf(vectorStoreFileKind.path).of(id);
  const counts = countFiles(files);
  return {
    ...body,
    usage_bytes: files.reduce((bytes, file) => bytes + Number(file.body['usage_bytes']), 0),
    status: counts['in_progress'] === 0 ? 'completed' : 'in_progress',
    file_counts: counts,
  };
}
