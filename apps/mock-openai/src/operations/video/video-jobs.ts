import { create, missing, required, withObject } from '../../calls/object-kind.ts';
import { deleting, getting, listing } from '../../calls/object-operations.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { pngBase64 } from '../image/make-png.ts';
import { makeId } from '../make-id.ts';
import { emptyVideo } from './video-bytes.ts';
import type { ModelAnswer, ModelCall, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';
import type { ModelOperation, ObjectOperation } from '../../calls/operation.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { StoredObjects } from '../../stored/stored-objects.ts';

const jobKind: ObjectKind = {
  path: 'video/generations/jobs',
  missing: (id) => missing(`Video generation job '${id}' not found.`),
};

const generationKind: ObjectKind = {
  path: 'video/generations',
  missing: (id) => missing(`Video generation '${id}' not found.`),
};

const maxVariants = 4;

/** Azure's own way to create videos: jobs that make several. */
export const videoJobCalls: readonly ModelOperation[] = [
  {
    path: 'video/generations/jobs',
    namesModel: true,
    azureName: 'VideoGenerationJobs_Create',
    answer: createJob,
    sizeOf: ({ prompt }) => ({ prompt: typeof prompt === 'string' ? [prompt] : [], maxTokens: 0 }),
  },
];

/** The operations on jobs and their results; a job advances one step each time that it is asked for. */
export const videoJobOperations: readonly ObjectOperation[] = [
  listing(jobKind),
  getting(jobKind),
  deleting(jobKind, 'video.generation.job'),
  getting(generationKind),
  { method: 'GET', path: 'video/generations/{id}/content/video', answer: (call) => content(call, 'video') },
  {
    method: 'GET',
    path: 'video/generations/{id}/content/thumbnail',
    answer: (call) => content(call, 'thumbnail'),
  },
];

function createJob({ deployment, body, stored }: ModelCall): ModelAnswer {
  const { prompt, n_seconds: seconds = 5, n_variants: variants = 1, height = 720, width = 1280 } = body;
  if (typeof prompt !== 'string' || prompt === '') return required('prompt');
  const id = makeId('task_');
  const job = {
    object: 'video.generation.job',
    id,
    status: 'queued',
    created_at: nowSeconds(),
    finished_at: null,
    expires_at: nowSeconds() + 86_400,
    generations: [],
    prompt,
    model: deployment,
    n_variants: variants,
    n_seconds: seconds,
    height,
    width,
    failure_reason: null,
  };
  const finish = (last: ObjectBody) => finishJob(last, stored);
  return create(jobKind, { id, body: job, later: [runJob, finish] }, stored);
}

function runJob(job: ObjectBody): ObjectBody {
  return { ...job, status: 'running' };
}

function finishJob(job: ObjectBody, stored: StoredObjects): ObjectBody {
  const { id: jobId, prompt, n_seconds: seconds, height, width } = job;
  const count = Math.min(Math.max(Number(job['n_variants']) || 1, 1), maxVariants);
  const generations = Array.from({ length: count }, () => {
    const id = makeId('gen_');
    const about = { id, job_id: jobId, created_at: nowSeconds(), prompt, n_seconds: seconds, height, width };
    const body = { object: 'video.generation', ...about };
    stored.shelf(generationKind.path).put({ id, body });
    return body;
  });
  return { ...job, status: 'succeeded', finished_at: nowSeconds(), generations };
}

function content(call: ObjectCall, what: 'video' | 'thumbnail'): ModelAnswer {
  return withObject(generationKind, call, () =>
    what === 'video'
      ? { kind: 'binary', contentType: 'video/mp4', body: emptyVideo() }
      : { kind: 'binary', contentType: 'image/png', body: Buffer.from(pngBase64(128, 72), 'base64') },
  );
}
