import { create, json, missing, required, withObject } from '../../calls/object-kind.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { fileKind, makeFile } from '../file/file-kind.ts';
import { makeId } from '../make-id.ts';
import { listOf } from '../read-json.ts';
import type { InvalidAnswer, ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';
import type { ObjectOperation } from '../../calls/operation.ts';
import type { StoredObject } from '../../stored/stored-object.ts';
import type { StoredObjects } from '../../stored/stored-objects.ts';

const uploadKind: ObjectKind = {
  path: 'uploads',
  missing: (id) => missing(`No such Upload object: ${id}`, 'upload_id'),
};

const partKind: ObjectKind = {
  path: 'uploads/{id}/parts',
  owner: uploadKind,
  missing: (id) => missing(`No such Part object: ${id}`, 'part_ids'),
};

const lifetimeSeconds = 3600;

/** The operations on uploads, which are files that come in parts; none can be read by its id. */
export const uploadOperations: readonly ObjectOperation[] = [
  { method: 'POST', path: 'uploads', isCreatedOnClassic: true, answer: createUpload },
  { method: 'POST', path: partKind.path, answer: addPart },
  { method: 'POST', path: 'uploads/{id}/complete', answer: completeUpload },
  { method: 'POST', path: 'uploads/{id}/cancel', answer: cancelUpload },
];

function createUpload({ body, stored }: ObjectCall): ModelAnswer {
  const { filename, purpose, bytes, mime_type: mimeType } = body;
  const given = Object.entries({ filename, purpose, bytes, mime_type: mimeType });
  const absent = given.find(([, value]) => value === undefined);
  if (absent !== undefined) return required(absent[0]);
  const id = makeId('upload_');
  const now = nowSeconds();
  const upload = {
    id,
    object: 'upload',
    bytes,
    created_at: now,
    expires_at: now + lifetimeSeconds,
    filename,
    purpose,
    status: 'pending',
    file: null,
  };
  return create(uploadKind, { id, body: upload }, stored);
}

function addPart(call: ObjectCall): ModelAnswer {
  return withPending(call, ({ id: owner }) => {
    const data = call.form?.files['data'];
    if (data === undefined) return required('data');
    const id = makeId('part_');
    const body = { id, object: 'upload.part', created_at: nowSeconds(), upload_id: owner };
    return create(partKind, { id, owner, body, bytes: data.bytes }, call.stored);
  });
}

function completeUpload(call: ObjectCall): ModelAnswer {
  return withPending(call, (upload) => {
    const found = partsOf(call.stored, upload.id, listOf(call.body['part_ids']).map(String));
    if (!Array.isArray(found)) return found;
    const bytes = Buffer.concat(found.map((part) => part.bytes ?? Buffer.alloc(0)));
    const { bytes: expected, filename, purpose } = upload.body;
    if (bytes.length !== Number(expected)) {
      const message = `The number of bytes uploaded (${bytes.length}) does not match the number of bytes expected (${String(expected)}).`;
      return { kind: 'invalid', message, param: 'bytes' };
    }
    const file = makeFile(String(filename), String(purpose), bytes);
    call.stored.shelf(fileKind.path).put(file);
    return become(call.stored, upload, { status: 'completed', file: file.body });
  });
}

function cancelUpload(call: ObjectCall): ModelAnswer {
  return withPending(call, (upload) => become(call.stored, upload, { status: 'cancelled' }));
}

function withPending(call: ObjectCall, act: (upload: StoredObject) => ModelAnswer): ModelAnswer {
  return withObject(uploadKind, call, (upload) => {
    const status = String(upload.body['status']);
    if (status === 'pending') return act(upload);
    return { kind: 'invalid', message: `Upload has status '${status}'.`, param: null };
  });
}

function partsOf(
  stored: StoredObjects,
  owner: string,
  ids: readonly string[],
): StoredObject[] | InvalidAnswer {
  const parts: StoredObject[] = [];
  for (const id of ids) {
    const part = stored.shelf(partKind.path).get(id, owner);
    if (part === undefined) return partKind.missing(id);
    parts.push(part);
  }
  return parts;
}

function become(stored: StoredObjects, upload: StoredObject, change: object): ModelAnswer {
  const body = { ...upload.body, ...change };
  stored.shelf(uploadKind.path).put({ ...upload, body });
  return json(body);
}
