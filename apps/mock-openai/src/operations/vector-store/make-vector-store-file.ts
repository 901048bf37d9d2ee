import { nowSeconds } from '../../stored/stored-object.ts';
import { fileKind } from '../file/file-kind.ts';
import { vectorStoreFileKind } from './vector-store-kind.ts';
import type { InvalidAnswer } from '../../calls/model-call.ts';
import type { ObjectBody, StoredObject } from '../../stored/stored-object.ts';
import type { StoredObjects } from '../../stored/stored-objects.ts';

const usualChunking = { type: 'static', static: { max_chunk_size_tokens: 800, chunk_overlap_tokens: 400 } };

/** Makes a file of a vector store from an uploaded one; it is ready when next asked for. */
export function makeVectorStoreFile(owner: string, file: StoredObject, given: ObjectBody): StoredObject {
  const { attributes = {}, chunking_strategy: chunking } = given;
  const isStatic = typeof chunking === 'object' && chunking !== null && 'static' in chunking;
  const body = {
    id: file.id,
    object: 'vector_store.file',
    usage_bytes: file.bytes?.length ?? 0,
    created_at: nowSeconds(),
    vector_store_id: owner,
    status: 'in_progress',
    last_error: null,
    attributes,
    chunking_strategy: isStatic ? chunking : usualChunking,
  };
  return { id: file.id, owner, body, later: [complete] };
}

/** Completes files that were added to a vector store together. */
export function completeFiles(stored: StoredObjects, owner: string, ids: readonly string[]): void {
  const shelf = stored.shelf(vectorStoreFileKind.path);
  for (const id of ids) {
    const file = shelf.get(id, owner);
    if (file !== undefined) shelf.put({ ...file, body: complete(file.body), later: [] });
  }
}

/** Adds files to a vector store; if one of them is unknown, adds none and says which. */
export function addFiles(
  stored: StoredObjects,
  owner: string,
  fileIds: readonly string[],
  given: ObjectBody,
): InvalidAnswer | undefined {
  const files: StoredObject[] = [];
  for (const id of fileIds) {
    const file = stored.shelf(fileKind.path).get(id);
    if (file === undefined) return fileKind.missing(id);
    files.push(file);
  }
  const shelf = stored.shelf(vectorStoreFileKind.path);
  for (const file of files) shelf.put(makeVectorStoreFile(owner, file, given));
  return undefined;
}

function complete(body: ObjectBody): ObjectBody {
  return { ...body, status: 'completed' };
}
