import { create, missing, required } from '../../calls/object-kind.ts';
import { cancelling, getting, listing } from '../../calls/object-operations.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { fileKind } from '../file/file-kind.ts';
import { makeId } from '../make-id.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';
import type { ObjectOperation } from '../../calls/operation.ts';
import type { Advance, ObjectBody } from '../../stored/stored-object.ts';
import type { StoredObjects } from '../../stored/stored-objects.ts';

const jobKind: ObjectKind = {
  path: 'fine_tuning/jobs',
  missing: (id) => missing(`Could not find fine tune: ${id}`, 'fine_tune_id', 'fine_tune_not_found'),
};

const eventKind: ObjectKind = {
  path: 'fine_tuning/jobs/{id}/events',
  owner: jobKind,
  missing: (id) => missing(`Could not find event: ${id}`),
};

/** The operations on fine-tuning jobs; a job advances one step each time that it is asked for. */
export const fineTuningOperations: readonly ObjectOperation[] = [
  { method: 'POST', path: 'fine_tuning/jobs', isCreatedOnClassic: true, answer: createJob },
  listing(jobKind),
  getting(jobKind),
  cancelling(jobKind, (job) => ({
    ...job,
    body: { ...job.body, status: 'cancelled', finished_at: nowSeconds() },
  })),
  listing(eventKind),
];

function createJob(call: ObjectCall): ModelAnswer {
  const { model, training_file: fileId, suffix } = call.body;
  if (typeof model !== 'string') return required('model');
  if (typeof fileId !== 'string') return required('training_file');
  if (call.stored.shelf(fileKind.path).get(fileId) === undefined) return fileKind.missing(fileId);
  const id = makeId('ftjob-');
  const body = {
    id,
    object: 'fine_tuning.job',
    created_at: nowSeconds(),
    model,
    fine_tuned_model: null,
    organization_id: '',
    status: 'queued',
    training_file: fileId,
    validation_file: call.body['validation_file'] ?? null,
    hyperparameters: { n_epochs: 3, batch_size: 1, learning_rate_multiplier: 1 },
    result_files: [],
    finished_at: null,
    trained_tokens: null,
    seed: call.body['seed'] ?? 42,
    error: null,
    metadata: call.body['metadata'] ?? null,
  };
  keepEvent(call.stored, id, 'Job enqueued. Waiting for jobs ahead to complete.');
  const tuned = `${model}.ft-${id.slice(-12)}${typeof suffix === 'string' ? `-${suffix}` : ''}`;
  const later: Advance[] = [(job) => run(job, call.stored), (job) => succeed(job, call.stored, tuned)];
  return create(jobKind, { id, body, later }, call.stored);
}

function run(job: ObjectBody, stored: StoredObjects): ObjectBody {
  keepEvent(stored, String(job['id']), 'Job started.');
  return { ...job, status: 'running' };
}

function succeed(job: ObjectBody, stored: StoredObjects, tuned: string): ObjectBody {
  keepEvent(stored, String(job['id']), 'Job succeeded.');
  const bytes = stored.shelf(fileKind.path).get(String(job['training_file']))?.bytes?.length ?? 0;
  return {
    ...job,
    status: 'succeeded',
    fine_tuned_model: tuned,
    finished_at: nowSeconds(),
    trained_tokens: Math.ceil(bytes / 4),
  };
}

function keepEvent(stored: StoredObjects, owner: string, message: string): void {
  const id = makeId('ftevent-');
  const event = { object: 'fine_tuning.job.event', id, created_at: nowSeconds(), level: 'info', message };
  stored.shelf(eventKind.path).put({ id, owner, body: { ...event, data: null, type: 'message' } });
}
