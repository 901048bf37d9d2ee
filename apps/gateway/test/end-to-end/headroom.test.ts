import { expect, test } from 'vitest';
import { chatBody, chatPath, errorOf, post } from '../testing/post.ts';
import { type Scene, startScene } from '../testing/start-scene.ts';

const TPM = 1000;
const quota = `gpt-4o=standard(tpm=${TPM}, rpm=none), *=standard(tpm=${TPM}, rpm=none)`;
const group = { priority: 1 };
const prose = 'You are a patient gardener who answers in one sentence. '.repeat(125);

/** Requests an answer of this many tokens; the prompt has two more. */
const ask = (
  scene: Scene,
  maxTokens: number,
  init: RequestInit & { headers?: Record<string, string> } = {},
) => post(scene, chatPath, { ...chatBody, max_tokens: maxTokens }, init);
const refusals = ({ mocks }: Scene) =>
  mocks.map(({ requests }) => requests.filter(({ status }) => status === 429).length);
const served = ({ mocks }: Scene) =>
  mocks.map(({ requests }) => requests.filter(({ status }) => status === 200).length);

test('where the backends tell what is left of their quotas, requests spill into the next group before anyone is refused', async () => {
  const scene = await startScene([{ quota }, { quota }]);
  for (let count = 0; count < 6; count++) expect((await ask(scene, 300)).status).toBe(200);
  expect(served(scene)).toEqual([3, 3]);
  expect(refusals(scene)).toEqual([0, 0]);
});

test('where the backends tell what is left of their quotas, when none has room, the client is told so at once and honestly, and no backend is asked', async () => {
  const scene = await startScene([{ quota }]);
  for (let count = 0; count < 3; count++) await ask(scene, 300);
  const refused = await ask(scene, 300);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
  expect(refused.headers.get('x-spillway-attempts')).toBe('0');
  expect(await errorOf(refused)).toMatchObject({ status: 429, code: '429' });
  expect(refusals(scene)).toEqual([0]);
});

test('where the backends tell what is left of their quotas, a large request goes where it fits, and small ones fill what is left elsewhere', async () => {
  const scene = await startScene([
    { quota, backend: { ...group, tpm: TPM } },
    { quota, backend: { ...group, tpm: TPM } },
  ]);
  await Promise.all([ask(scene, 600), ask(scene, 600)]);
  expect((await ask(scene, 350)).status).toBe(200);
  expect((await ask(scene, 900)).status).toBe(429);
  expect((await ask(scene, 350)).status).toBe(200);
  expect(served(scene)).toEqual([2, 2]);
  expect(refusals(scene)).toEqual([0, 0]);
});

test('where the backends tell what is left of their quotas, two hundred requests at once do not all see the same number', async () => {
  const scene = await startScene([
    { quota: 'gpt-4o=standard(tpm=10000, rpm=none)', backend: group },
    { quota: 'gpt-4o=standard(tpm=10000, rpm=none)', backend: group },
  ]);
  await Promise.all([ask(scene, 10), ask(scene, 10), ask(scene, 10), ask(scene, 10)]);
  const answers = await Promise.all(Array.from({ length: 200 }, () => ask(scene, 298)));
  const statuses = answers.map(({ status }) => status);
  // 33 of 300 tokens fit into each, besides the first ones.
  expect(statuses.filter((status) => status === 200).length).toBe(66);
  expect(refusals(scene)).toEqual([0, 0]);
});

test('where the backends tell what is left of their quotas, quota that comes back is used at once', async () => {
  const windows = { quota: { tokenWindowMs: 1000, requestWindowMs: 1000 } };
  const scene = await startScene([{ quota, timeScale: 60 }], windows);
  const startedMs = performance.now();
  for (let count = 0; count < 3; count++) await ask(scene, 300);
  const refused = await ask(scene, 300);
  const waitMs = Number(refused.headers.get('retry-after-ms'));
  expect(waitMs).toBeLessThanOrEqual(1000 + 50);
  await expect.poll(async () => (await ask(scene, 300)).status).toBe(200);
  // It is tried although it seems full after a quarter of the window, after twice that, and so on.
  const quarters = (performance.now() - startedMs) / 250;
  expect(refusals(scene)[0]).toBeLessThanOrEqual(Math.log2(quarters + 1) + 1);
});

test('where the backends tell what is left of their quotas, a limit that was raised while no request fitted into it is found, although another backend has room', async () => {
  const windows = { quota: { tokenWindowMs: 1000, requestWindowMs: 1000 } };
  const scene = await startScene([{ quota, timeScale: 60 }, {}], windows);
  const [small] = scene.mocks;
  expect((await ask(scene, 5000)).headers.get('x-spillway-attempts')).toBe('2');
  small!.setQuota('gpt-4o=standard(tpm=100000, rpm=none)');
  await expect
    .poll(async () => {
      expect((await ask(scene, 5000)).status).toBe(200);
      return served(scene)[0];
    })
    .toBeGreaterThan(0);
});

test('where the backends tell what is left of their quotas, a refusal that the tokens left explain keeps small requests away from nobody', async () => {
  const scene = await startScene([{ quota }, {}]);
  // Other clients of the quota have spent tokens that this gateway does not know about.
  await post(
    { url: scene.mocks[0]!.url },
    chatPath,
    { ...chatBody, max_tokens: 700 },
    {
      headers: { 'api-key': 'key-a' },
    },
  );
  expect((await ask(scene, 500)).headers.get('x-spillway-backend')).toBe('b');
  expect(refusals(scene)).toEqual([1, 0]);
  expect((await ask(scene, 200)).headers.get('x-spillway-backend')).toBe('a');
});

test('what is configured counts where a backend tells nothing', async () => {
  const silent = { quota: 'gpt-4o=standard(tpm=1000, rpm=none, headers=responses)' };
  const scene = await startScene([{ ...silent, backend: { tpm: TPM } }, {}]);
  for (let count = 0; count < 4; count++) expect((await ask(scene, 300)).status).toBe(200);
  expect(served(scene)).toEqual([3, 1]);
  expect(refusals(scene)).toEqual([0, 0]);
});

test('deployments of one quota group count together', async () => {
  const quotaGroup = 'shared';
  const large = { quota: 'gpt-4o=standard(tpm=100000, rpm=none)' };
  const scene = await startScene([
    { ...large, backend: { tpm: TPM, quotaGroup } },
    { ...large, backend: { quotaGroup } },
    {},
  ]);
  const backends = [];
  for (let count = 0; count < 4; count++)
    backends.push((await ask(scene, 300)).headers.get('x-spillway-backend'));
  expect(backends).toEqual(['a', 'a', 'a', 'c']);
});

// 2,500 tokens a minute.
const ptu = 'gpt-4o=ptu(units=1)';

test('provisioned throughput is spent first within its group, and from its share on the others are', async () => {
  const scene = await startScene([
    { quota: 'gpt-4o=standard(tpm=100000, rpm=none)', backend: group },
    { quota: ptu, backend: { ...group, spillAt: 0.5 } },
  ]);
  const backends = [];
  for (let count = 0; count < 8; count++)
    backends.push((await ask(scene, 16)).headers.get('x-spillway-backend'));
  expect(backends.every((backend) => backend === 'b')).toBe(true);
  for (let count = 0; count < 8; count++) await ask(scene, 300);
  // Unused estimates are given back, so these requests really fill the quota.
  await post(scene, chatPath, {
    messages: [{ role: 'user', content: prose.slice(0, 7000) }],
    max_tokens: 1,
  });
  expect((await ask(scene, 16)).headers.get('x-spillway-backend')).toBe('a');
});

test('provisioned throughput is used beyond its share when nothing else has room', async () => {
  const scene = await startScene([{ quota: ptu, backend: { spillAt: 0.2 } }, { quota }]);
  const prompt = (letters: number) =>
    post(scene, chatPath, {
      messages: [{ role: 'user', content: prose.slice(0, letters) }],
      max_tokens: 1,
    });
  expect((await prompt(3000)).headers.get('x-spillway-backend')).toBe('a');
  expect((await prompt(3000)).headers.get('x-spillway-backend')).toBe('b');
  expect((await prompt(3000)).headers.get('x-spillway-backend')).toBe('a');
  expect(refusals(scene)).toEqual([0, 0]);
});

/** Asks a question in a conversation; all conversations with the same number begin alike. */
const chat = (scene: Scene, conversation: number, question: string) =>
  post(scene, chatPath, {
    messages: [
      { role: 'system', content: `${conversation} ${prose}` },
      { role: 'user', content: question },
    ],
  });

/** The tokens of its prompt that a backend had cached. */
const cachedOf = async (response: Response) => {
  const body = (await response.json()) as { usage: { prompt_tokens_details: { cached_tokens: number } } };
  return body.usage.prompt_tokens_details.cached_tokens;
};

test('requests that share a long beginning go to the backend that has it cached, as long as it has room', async () => {
  const backend = { quota: 'gpt-4o=standard(tpm=1000000, rpm=none)', backend: group };
  const scene = await startScene([backend, backend, backend]);
  const first: number[] = [];
  const later: number[] = [];
  for (let turn = 0; turn < 5; turn++)
    for (let conversation = 0; conversation < 6; conversation++)
      (turn === 0 ? first : later).push(await cachedOf(await chat(scene, conversation, `Question ${turn}?`)));
  expect(Math.max(...first)).toBe(0);
  expect(Math.min(...later)).toBeGreaterThanOrEqual(1024);
});

test('requests that share a long beginning go elsewhere when it has none', async () => {
  const small = { quota: 'gpt-4o=standard(tpm=4000, rpm=none)', backend: group };
  const scene = await startScene([small, small]);
  const backends = [];
  for (let turn = 0; turn < 4; turn++) {
    const response = await chat(scene, 1, `Question ${turn}?`);
    expect(response.status).toBe(200);
    backends.push(response.headers.get('x-spillway-backend'));
  }
  expect(new Set(backends).size).toBe(2);
  expect(refusals(scene)).toEqual([0, 0]);
});

test('what is kept for the chat is not spent by the night’s batch', async () => {
  const scene = await startScene([{ quota }], {
    priorityClasses: { allowHeader: true, reserves: { interactive: 0.4 } },
  });
  const as = (priority: string) => ask(scene, 300, { headers: { 'x-spillway-priority': priority } });
  // Before the first answer the quota is unknown.
  expect((await as('batch')).status).toBe(200);
  expect((await as('batch')).status).toBe(429);
  expect((await as('interactive')).status).toBe(200);
  expect((await as('batch')).status).toBe(429);
  expect((await as('interactive')).status).toBe(200);
  expect(refusals(scene)).toEqual([0]);
});
