import { create, missing, required, withObject } from '../../calls/object-kind.ts';
import { deleting, getting, listing } from '../../calls/object-operations.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { pngBase64 } from '../image/make-png.ts';
import { makeId } from '../make-id.ts';
import { emptyVideo } from './video-bytes.ts';
import type { ModelAnswer, ModelCall, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';
import type { ModelOperation, ObjectOperation } from '../../calls/operation.ts';
import type { ObjectBody, StoredObject } from '../../stored/stored-object.ts';

const videoKind: ObjectKind = {
  path: 'videos',
  missing: (id) => missing(`Video with id '${id}' not found.`, null, 'not_found'),
};

/** The operations of a deployment of a video model. */
export const videoCalls: readonly ModelOperation[] = [
  {
    path: 'videos',
    namesModel: true,
    azureName: 'Videos_Create',
    answer: createVideo,
    sizeOf: ({ prompt }) => ({ prompt: typeof prompt === 'string' ? [prompt] : [], maxTokens: 0 }),
  },
];

/** The operations on videos; a video advances one step each time that it is asked for. */
export const videoOperations: readonly ObjectOperation[] = [
  listing(videoKind),
  getting(videoKind),
  deleting(videoKind, 'video.deleted'),
  { method: 'GET', path: 'videos/{id}/content', answer: readContent },
  { method: 'POST', path: 'videos/{id}/remix', answer: remixVideo },
];

function createVideo({ deployment, body, stored }: ModelCall): ModelAnswer {
  const { prompt, seconds = '4', size = '720x1280' } = body;
  if (typeof prompt !== 'string' || prompt === '') return required('prompt');
  return create(videoKind, makeVideo({ model: deployment, prompt, seconds, size }), stored);
}

function remixVideo(call: ObjectCall): ModelAnswer {
  return withObject(videoKind, call, ({ id, body }) => {
    const { prompt } = call.body;
    if (typeof prompt !== 'string' || prompt === '') return required('prompt');
    const { model, seconds, size } = body;
    const wish = { model, prompt, seconds, size, remixed_from_video_id: id };
    return create(videoKind, makeVideo(wish), call.stored);
  });
}

function readContent(call: ObjectCall): ModelAnswer {
  return withObject(videoKind, call, ({ body }) => {
    if (body['status'] !== 'completed') {
      return {
        kind: 'invalid',
        message: 'Video is not ready yet, use GET to check its status.',
        param: null,
      };
    }
    const variant = call.query.get('variant') ?? 'video';
    return variant === 'video'
      ? { kind: 'binary', contentType: 'video/mp4', body: emptyVideo() }
      : { kind: 'binary', contentType: 'image/png', body: Buffer.from(pngBase64(72, 128), 'base64') };
  });
}

function makeVideo(wish: ObjectBody): StoredObject {
  const id = makeId('video_');
  const body = {
    id,
    object: 'video',
    created_at: nowSeconds(),
    completed_at: null,
    expires_at: null,
    error: null,
    progress: 0,
    remixed_from_video_id: null,
    status: 'queued',
    ...wish,
  };
  return { id, body, later: [beginVideo, finishVideo] };
}

function beginVideo(video: ObjectBody): ObjectBody {
  return { ...video, status: 'in_progress', progress: 50 };
}

function finishVideo(video: ObjectBody): ObjectBody {
  const now = nowSeconds();
  return { ...video, status: 'completed', progress: 100, completed_at: now, expires_at: now + 86_400 };
}
