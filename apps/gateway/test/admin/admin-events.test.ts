import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { EventStream } from '../../src/admin/event-stream.ts';
import type { StateSnapshot } from '../../src/admin/snapshot.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { post } from '../testing/post.ts';
import { startScene } from '../testing/start-scene.ts';

/** A viewer of the events. */
class Viewer {
  readonly response: IncomingMessage;
  readonly snapshots: { readonly id: string; readonly data: StateSnapshot }[] = [];
  /** Resolves when the stream is over, with whether it ended properly. */
  readonly ended: Promise<boolean>;
  text = '';
  #wake = () => {};

  private constructor(response: IncomingMessage) {
    this.response = response;
    this.ended = new Promise((resolve) => response.on('close', () => resolve(response.complete)));
    response.on('error', () => {});
    response.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      const blocks = this.text.split('\n\n').slice(0, -1);
      this.snapshots.length = 0;
      for (const block of blocks) {
        const [, id = '', data = ''] = /^event: snapshot\nid: (\d+)\ndata: (.*)$/.exec(block) ?? [];
        if (data !== '') this.snapshots.push({ id, data: JSON.parse(data) as StateSnapshot });
      }
      this.#wake();
    });
    onTestFinished(() => void response.destroy());
  }

  static watch({ adminUrl }: { readonly adminUrl: string }): Promise<Viewer> {
    return new Promise((resolve, reject) => {
      get(`${adminUrl}/admin/events`, { agent: false }, (response) => resolve(new Viewer(response))).on(
        'error',
        reject,
      );
    });
  }

  /** Waits for the first snapshot whose number meets a condition. */
  async find(isIt: (id: number) => boolean) {
    for (let number = 1; ; number++) {
      const snapshot = await this.snapshot(number);
      if (isIt(Number(snapshot.id))) return snapshot;
    }
  }

  /** Waits for the `number`th snapshot. */
  async snapshot(number: number) {
    while (this.snapshots.length < number)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.snapshots[number - 1]!;
  }
}

test('viewers get a snapshot at once and each second, the same for all of them', async () => {
  const scene = await startScene([{}]);
  const viewers = await Promise.all([Viewer.watch(scene), Viewer.watch(scene), Viewer.watch(scene)]);
  expect(viewers[0]!.response.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  await (await post(scene)).text();
  await scene.log.request();
  // Each viewer gets its own first snapshot; from then on all get the same ones.
  const firsts = await Promise.all(viewers.map((viewer) => viewer.snapshot(1)));
  const lastToJoin = Math.max(...firsts.map(({ id }) => Number(id)));
  const [one, ...others] = await Promise.all(viewers.map((viewer) => viewer.find((id) => id > lastToJoin)));
  expect(others).toEqual([one, one]);
  await expect
    .poll(() => viewers[0]!.snapshots.at(-1)?.data.backends[0]?.deployments)
    .toMatchObject([{ name: 'gpt-4o', rpm: 1 }]);
});

test('the streams end when the gateway stops', async () => {
  const scene = await startScene([{}]);
  const viewer = await Viewer.watch(scene);
  await viewer.snapshot(1);
  await scene.gateway.stop();
  expect(await viewer.ended).toBe(true);
});

test('no more than fifty may watch, and whoever leaves makes room', async () => {
  const scene = await startScene([{}]);
  const viewers = await Promise.all(Array.from({ length: 50 }, () => Viewer.watch(scene)));
  const refused = await askAdmin(scene, '/admin/events');
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '10']);
  expect((await askAdmin(scene, '/admin/state')).status).toBe(200);
  viewers[0]!.response.destroy();
  await expect.poll(async () => (await Viewer.watch(scene)).response.statusCode).toBe(200);
});

test('whoever may watch no more gets no further snapshot, as a session may end before its stream does', async () => {
  const stream = new EventStream();
  let isSession = true;
  const server = createServer((request, response) => stream.add(request, response, {}, () => isSession));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const viewer = await Viewer.watch({ adminUrl: urlOf(server) });
  await viewer.snapshot(1);
  stream.send({});
  await viewer.snapshot(2);
  isSession = false;
  stream.send({});
  expect(await viewer.ended).toBe(true);
  expect(viewer.snapshots).toHaveLength(2);
});

test('a viewer that may watch no more leaves room for another, even if it takes nothing any more', async () => {
  const stream = new EventStream();
  let isSession = true;
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    responses.push(response);
    stream.add(request, response, {}, () => isSession);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const viewer = await Viewer.watch({ adminUrl: urlOf(server) });
  await viewer.snapshot(1);
  viewer.response.pause();
  // More than the system keeps for a reader.
  stream.send({ text: 'x'.repeat(32 * 1024 * 1024) });
  isSession = false;
  stream.send({});
  await once(responses[0]!, 'close');
  expect(stream.isWatched).toBe(false);
});

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a question for the head of the stream is answered, and nobody watches', async () => {
  const scene = await startScene([{}]);
  const { status, headers } = await askAdmin(scene, '/admin/events', { method: 'HEAD' });
  expect([status, headers['content-type']]).toEqual([200, 'text/event-stream']);
});
