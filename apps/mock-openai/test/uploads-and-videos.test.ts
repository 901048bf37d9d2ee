import OpenAI, { toFile } from 'openai';
import { expect, test } from 'vitest';
import { post } from './testing/post.ts';
import { start } from './testing/start.ts';
import type { Mock } from '../src/mock.ts';

const clientOf = ({ url }: Mock) => new OpenAI({ apiKey: 'any', baseURL: `${url}/openai/v1`, maxRetries: 0 });
const about = { filename: 'notes.txt', purpose: 'assistants', mime_type: 'text/plain' } as const;

test('an upload in parts becomes one file, its parts in the order that is asked for', async () => {
  const { uploads, files } = clientOf(await start());
  const { id, status } = await uploads.create({ ...about, bytes: 11 });
  expect(status).toBe('pending');
  const parts = await Promise.all(
    ['world', 'Hello '].map(async (text) =>
      uploads.parts.create(id, { data: await toFile(Buffer.from(text)) }),
    ),
  );
  expect(parts[0]).toMatchObject({ object: 'upload.part', upload_id: id });
  const done = await uploads.complete(id, { part_ids: parts.toReversed().map((part) => part.id) });
  expect(done).toMatchObject({ status: 'completed', file: { filename: 'notes.txt', bytes: 11 } });
  expect(await (await files.content(done.file?.id ?? '')).text()).toBe('Hello world');
  await expect(uploads.cancel(id)).rejects.toMatchObject({ status: 400 });
});

test('an upload that is cancelled takes no more parts', async () => {
  const { uploads } = clientOf(await start());
  const { id } = await uploads.create({ ...about, bytes: 1 });
  expect((await uploads.cancel(id)).status).toBe('cancelled');
  const data = await toFile(Buffer.from('x'));
  await expect(uploads.parts.create(id, { data })).rejects.toMatchObject({ status: 400 });
});

test('an upload is not completed with another length, unknown parts, or elsewhere; and nobody can ask for it', async () => {
  const [mine, other] = [await start(), await start()];
  const { uploads } = clientOf(mine);
  const { id } = await uploads.create({ ...about, bytes: 2 });
  const part = await uploads.parts.create(id, { data: await toFile(Buffer.from('x')) });
  await expect(uploads.complete(id, { part_ids: [part.id] })).rejects.toMatchObject({ status: 400 });
  await expect(uploads.complete(id, { part_ids: ['part_x'] })).rejects.toMatchObject({ status: 404 });
  const elsewhere = clientOf(other).uploads.complete(id, { part_ids: [part.id] });
  await expect(elsewhere).rejects.toMatchObject({ status: 404 });
  expect((await fetch(`${mine.url}/openai/v1/uploads/${id}`)).status).toBe(404);
});

test('a video goes a step each time that it is asked for, and can then be seen, remixed, listed and deleted', async () => {
  const { videos } = clientOf(await start());
  const { id, status } = await videos.create({ model: 'sora-2', prompt: 'A hill', seconds: '8' });
  const statuses: string[] = [status];
  await expect(videos.downloadContent(id)).rejects.toMatchObject({ status: 400 });
  while (statuses.at(-1) !== 'completed') statuses.push((await videos.retrieve(id)).status);
  expect(statuses).toEqual(['queued', 'in_progress', 'completed']);
  const content = await videos.downloadContent(id);
  expect(content.headers.get('content-type')).toBe('video/mp4');
  expect(Buffer.from(await content.arrayBuffer()).toString('latin1', 4, 8)).toBe('ftyp');
  const thumbnail = await videos.downloadContent(id, { variant: 'thumbnail' });
  expect(thumbnail.headers.get('content-type')).toBe('image/png');
  const remix = await videos.remix(id, { prompt: 'Two hills' });
  expect(remix).toMatchObject({ remixed_from_video_id: id, seconds: '8', model: 'sora-2' });
  const ids: string[] = [];
  for await (const video of videos.list()) ids.push(video.id);
  expect(ids).toEqual([remix.id, id]);
  expect(await videos.delete(id)).toMatchObject({ id, deleted: true });
  await expect(videos.retrieve(id)).rejects.toMatchObject({ status: 404 });
});

test('a job of Azure’s own makes videos with ids of their own', async () => {
  const mock = await start();
  const jobs = '/openai/v1/video/generations/jobs?api-version=preview';
  const made = await post(mock, jobs, { model: 'sora', prompt: 'A hill', n_variants: 2 });
  let job = (await made.json()) as { id: string; status: string; generations: { id: string }[] };
  const statuses = [job.status];
  while (job.status !== 'succeeded') {
    const asked = await fetch(`${mock.url}/openai/v1/video/generations/jobs/${job.id}`);
    job = (await asked.json()) as typeof job;
    statuses.push(job.status);
  }
  expect(statuses).toEqual(['queued', 'running', 'succeeded']);
  expect(job.generations.length).toBe(2);
  const [first] = job.generations;
  const content = await fetch(`${mock.url}/openai/v1/video/generations/${first?.id}/content/video`);
  expect(content.headers.get('content-type')).toBe('video/mp4');
});

test('models tell when they were created and who owns them', async () => {
  const { data } = await clientOf(await start()).models.list();
  expect(data[0]).toMatchObject({ object: 'model', created: expect.any(Number), owned_by: 'system' });
});
