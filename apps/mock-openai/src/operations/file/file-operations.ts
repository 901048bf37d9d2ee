import { create, required, withObject } from '../../calls/object-kind.ts';
import { deleting, getting, listing } from '../../calls/object-operations.ts';
import { fileKind, makeFile } from './file-kind.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectOperation } from '../../calls/operation.ts';

/** The operations on files. */
export const fileOperations: readonly ObjectOperation[] = [
  { method: 'POST', path: 'files', isCreatedOnClassic: true, answer: uploadFile },
  listing(fileKind, { usualLimit: 10_000, filter: { parameter: 'purpose', field: 'purpose' } }),
  getting(fileKind),
  deleting(fileKind, 'file'),
  { method: 'GET', path: 'files/{id}/content', answer: readContent },
];

function uploadFile({ form, body, stored }: ObjectCall): ModelAnswer {
  const file = form?.files['file'];
  const purpose = body['purpose'];
  if (file === undefined) return required('file');
  if (typeof purpose !== 'string' || purpose === '') return required('purpose');
  return create(fileKind, makeFile(file.name, purpose, file.bytes), stored);
}

function readContent(call: ObjectCall): ModelAnswer {
  return withObject(fileKind, call, ({ bytes = Buffer.alloc(0) }) => ({
    kind: 'binary',
    contentType: 'application/octet-stream',
    body: bytes,
  }));
}
