import { create, missing, required } from '../../calls/object-kind.ts';
import { cancelling, getting, listing } from '../../calls/object-operations.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { fileKind } from '../file/file-kind.ts';
import { makeId } from '../make-id.ts';
import { finishBatch } from './finish-batch.ts';
import { pathOf, readBatchLines } from './read-batch-lines.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';
import type { ObjectOperation } from '../../calls/operation.ts';
import type { Advance } from '../../stored/stored-object.ts';

const batchKind: ObjectKind = {
  path: 'batches',
  missing: (id) => missing(`No batch found with id '${id}'.`),
};

const endpoints: readonly string[] = ['chat/completions', 'completions', 'embeddings', 'responses'];

/** The operations on batches; a batch advances one step each time that it is asked for. */
export const batchOperations: readonly ObjectOperation[] = [
  { method: 'POST', path: 'batches', isCreatedOnClassic: true, answer: createBatch },
  listing(batchKind),
  getting(batchKind),
  cancelling(batchKind, (batch) => {
    const now = nowSeconds();
    const body = { ...batch.body, status: 'cancelling', cancelling_at: now };
    return { ...batch, body, later: [(last) => ({ ...last, status: 'cancelled', cancelled_at: now })] };
  }),
];

function createBatch(call: ObjectCall): ModelAnswer {
  const { body, stored } = call;
  const { input_file_id: fileId, endpoint, completion_window: window = '24h', metadata = null } = body;
  if (typeof fileId !== 'string') return required('input_file_id');
  if (typeof endpoint !== 'string') return required('endpoint');
  if (!endpoints.includes(pathOf(endpoint))) {
    const supported = endpoints.map((path) => `'/v1/${path}'`).join(', ');
    const message = `Invalid value: '${endpoint}'. Supported values are: ${supported}.`;
    return { kind: 'invalid', message, param: 'endpoint', code: 'invalid_value' };
  }
  const file = stored.shelf(fileKind.path).get(fileId);
  if (file === undefined) return fileKind.missing(fileId);
  const id = makeId('batch_');
  const now = nowSeconds();
  const batch = {
    id,
    object: 'batch',
    endpoint,
    errors: null,
    input_file_id: fileId,
    completion_window: window,
    status: 'validating',
    output_file_id: null,
    error_file_id: null,
    created_at: now,
    in_progress_at: null,
    expires_at: now + 86_400,
    finalizing_at: null,
    completed_at: null,
    failed_at: null,
    expired_at: null,
    cancelling_at: null,
    cancelled_at: null,
    request_counts: { total: 0, completed: 0, failed: 0 },
    metadata,
  };
  const bytes = file.bytes ?? Buffer.alloc(0);
  return create(batchKind, { id, body: batch, later: stepsOf(bytes, endpoint, call) }, stored);
}

function stepsOf(bytes: Buffer, endpoint: string, call: ObjectCall): Advance[] {
  const lines = readBatchLines(bytes, endpoint);
  if (lines.kind === 'wrong') {
    const errors = { object: 'list', data: lines.errors };
    return [(body) => ({ ...body, status: 'failed', failed_at: nowSeconds(), errors })];
  }
  const total = lines.requests.length;
  return [
    (body) => ({
      ...body,
      status: 'in_progress',
      in_progress_at: nowSeconds(),
      request_counts: { total, completed: 0, failed: 0 },
    }),
    (body) => ({ ...body, ...finishBatch(lines.requests, call) }),
  ];
}
