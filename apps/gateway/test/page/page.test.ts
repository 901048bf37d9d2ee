import { expect, onTestFinished, test } from 'vitest';
import { hasNoBrowser, overflowPx, TestBrowser } from './testing/browser.ts';
import { FakeAdmin, restartFakeAdmin } from './testing/fake-admin.ts';
import { crowded, makeSnapshot, slow, spilling } from './testing/scenes.ts';

const browser = new TestBrowser();
/** Connections that were refused or had no token, which the browser itself reports. */
const NETWORK = /Failed to load resource/;

async function startFake(): Promise<FakeAdmin> {
  const fake = await new FakeAdmin().start();
  onTestFinished(() => fake.stop());
  return fake;
}

const RETURNED = [
  { name: 'eastus', requestsPerSecond: 0.4 },
  { name: 'westeurope', priority: 2, requestsPerSecond: 7.6 },
];

test.skipIf(hasNoBrowser)(
  'a spill is seen as a verdict, hatched tiles, a pipe and a failover, and its end too',
  async () => {
    const fake = await startFake();
    const page = await browser.open(fake.url);
    await page.getByRole('heading', { name: 'Serving normally' }).waitFor();
    await page.locator('.pipe', { hasText: 'nothing spills' }).waitFor();
    fake.show(makeSnapshot(spilling));
    await page.getByRole('heading', { name: 'Spilling: 100 % to priority 2, no client errors' }).waitFor();
    await page.locator('.pipe.is-flowing', { hasText: '7.6 req/s spill here' }).waitFor();
    expect(await page.locator('[data-backend=eastus]').innerText()).toMatch(/throttled\s+429, back in 0:12/);
    expect(await page.locator('.failovers').innerText()).toMatch(/eastus 429 → westeurope\s+37×/);
    const spilledIn = spilling.spilledIn ?? {};
    fake.show(makeSnapshot({ spilledIn, backends: RETURNED, spilledAgoMs: { 2: 3000 } }));
    await page.getByRole('heading', { name: /^Spilled until 3 s ago: 95 % to priority 2/ }).waitFor();
    await page
      .locator('.pipe:not(.is-flowing)', { hasText: 'spilled here until 3 s ago' })
      .getByText('because priority 1 was throttled (429)')
      .waitFor();
    fake.show(makeSnapshot());
    await page.getByRole('heading', { name: 'Serving normally' }).waitFor();
    await page.locator('.pipe', { hasText: 'nothing spills' }).waitFor();
  },
);

test.skipIf(hasNoBrowser)(
  'a page that loses its stream says so at once, and is live again when it is back',
  async () => {
    const fake = await new FakeAdmin().start();
    const page = await browser.open(fake.url, {}, NETWORK);
    await page.getByText('Live', { exact: true }).waitFor();
    await fake.stop();
    await page.getByRole('heading', { name: /^Connection lost: last seen \d+ s ago$/ }).waitFor();
    await page.locator('main.is-stale').waitFor();
    await page.getByText(/Lost, last seen [2-9] s ago/).waitFor();
    const again = await restartFakeAdmin(fake.url);
    onTestFinished(() => again.stop());
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('heading', { name: 'Serving normally' }).waitFor();
    expect(await page.locator('main.is-stale').count()).toBe(0);
  },
);

test.skipIf(hasNoBrowser)(
  'a stream that falls silent counts as lost though its connection is open',
  async () => {
    const fake = await startFake();
    const page = await browser.open(fake.url);
    await page.getByText('Live', { exact: true }).waitFor();
    fake.hang();
    await page.getByRole('heading', { name: /^Connection lost/ }).waitFor();
    expect(fake.viewers).toBe(1);
    fake.show(makeSnapshot());
    await page.getByRole('heading', { name: 'Serving normally' }).waitFor();
  },
);

test.skipIf(hasNoBrowser)(
  'a stream that stays silent is opened anew, as its connection may be dead though nobody has said so',
  async () => {
    const fake = await startFake();
    const page = await browser.open(fake.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.clock.install();
    fake.show(makeSnapshot());
    await page.getByText('Live', { exact: true }).waitFor();
    fake.fallSilent();
    const [dead] = fake.connections;
    fake.snapshot = makeSnapshot(spilling);
    await page.clock.fastForward(11_000);
    await page.getByRole('heading', { name: /^Spilling/ }).waitFor();
    await expect.poll(() => fake.connections.includes(dead!)).toBe(false);
    expect(fake.viewers).toBe(1);
  },
);

test.skipIf(hasNoBrowser)(
  'a stream that a proxy holds back is replaced by single answers, with a token too, until the gateway is gone',
  async () => {
    const fake = await new FakeAdmin().start();
    fake.token = 'the-token';
    fake.holdStreams();
    const page = await browser.open(fake.url, {}, NETWORK);
    const field = page.getByLabel('Token of the admin listener');
    await field.fill('the-token');
    await field.press('Enter');
    await page.getByText('Live', { exact: true }).waitFor();
    fake.snapshot = makeSnapshot(spilling);
    await page.getByRole('heading', { name: /^Spilling/ }).waitFor();
    expect(await page.locator('.tile').count()).toBeGreaterThan(0);
    await fake.stop();
    await page.getByRole('heading', { name: /^Connection lost/ }).waitFor();
  },
);

test.skipIf(hasNoBrowser)(
  'a page that a proxy answers with a sign-in page of its own takes the gateway for lost, not for crowded',
  async () => {
    const fake = await startFake();
    const page = await browser.open(fake.url, {}, /Failed to load resource|MIME type/);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.route('**/admin/**', (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body: '<p>Sign in' }),
    );
    fake.dropViewers();
    await page.getByRole('heading', { name: /^Connection lost/ }).waitFor();
    await page.waitForResponse(/admin\/state/);
    await page.waitForRequest(/admin\/events/);
    expect(await page.getByText('too many viewers').count()).toBe(0);
  },
);

test.skipIf(hasNoBrowser)(
  'a page without a token asks for it, refuses a wrong one, and opens with the right one',
  async () => {
    const fake = await startFake();
    fake.token = 'the-token';
    const page = await browser.open(fake.url, {}, NETWORK);
    const field = page.getByLabel('Token of the admin listener');
    await field.fill('wrong');
    await field.press('Enter');
    await page.getByRole('alert').getByText('not the one').waitFor();
    expect(await page.locator('.tile').count()).toBe(0);
    await field.fill('the-token');
    await field.press('Enter');
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.evaluate<string>('document.cookie + JSON.stringify(localStorage)')).toBe('{}');
  },
);

test.skipIf(hasNoBrowser)(
  'a right token is of no use where the browser does not keep the cookie, and the page says so',
  async () => {
    const fake = await startFake();
    fake.token = 'the-token';
    // As behind a proxy that says https to the gateway, but is reached over plain HTTP itself.
    fake.cookieEnd = '; Secure; Domain=elsewhere.test';
    const page = await browser.open(fake.url, {}, NETWORK);
    const field = page.getByLabel('Token of the admin listener');
    await field.fill('the-token');
    await field.press('Enter');
    await page.getByRole('alert').getByText('The token is right, but').waitFor();
    expect(fake.viewers).toBe(0);
    fake.cookieEnd = '';
    await field.press('Enter');
    await page.getByText('Live', { exact: true }).waitFor();
  },
);

test.skipIf(hasNoBrowser)(
  'where the page itself may change nothing, it says why, in place of opening and of acting',
  async () => {
    const fake = await startFake();
    fake.token = 'the-token';
    fake.refusal = 'Pages of this Origin are not allowed.';
    const page = await browser.open(fake.url, {}, NETWORK);
    const field = page.getByLabel('Token of the admin listener');
    await field.fill('the-token');
    await field.press('Enter');
    await page.getByRole('alert').getByText(fake.refusal).waitFor();
    fake.token = undefined;
    await page.reload();
    await page.getByRole('button', { name: 'eastus' }).click();
    await page.getByRole('button', { name: 'Drain eastus' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drain', exact: true }).click();
    await page.locator('.notice').getByText(fake.refusal).waitFor();
    expect(fake.actions).toEqual([]);
  },
);

test.skipIf(hasNoBrowser)('a page that is one too many says so, and is live when there is room', async () => {
  const fake = await startFake();
  fake.isCrowded = true;
  const page = await browser.open(fake.url, {}, NETWORK);
  await page.getByRole('heading', { name: 'The gateway has too many viewers' }).waitFor();
  fake.isCrowded = false;
  await page.getByRole('heading', { name: 'Serving normally' }).waitFor();
  expect(fake.viewers).toBe(1);
});

test.skipIf(hasNoBrowser)('a page without traffic shows a command to try', async () => {
  const fake = await startFake();
  fake.config = { port: 8765 };
  fake.snapshot = makeSnapshot({ backends: [{ name: 'eastus', deployments: [] }] });
  const page = await browser.open(fake.url);
  await page.getByRole('heading', { name: 'Ready: no requests at the moment' }).waitFor();
  // The clients' port differs from the page's.
  await page
    .getByText("curl -i 'http://127.0.0.1:8765/openai/deployments/gpt-4o/chat/completions?api-version=")
    .waitFor();
  fake.show(makeSnapshot());
  await page.getByRole('heading', { name: 'Serving normally' }).waitFor();
  expect(await page.locator('pre').count()).toBe(0);
});

test.skipIf(hasNoBrowser).each([
  [{ port: 8765, clients: [{ name: 'chat', keys: [{}] }] }, 'http', "-H 'api-key: YOUR_KEY'"],
  [{ port: 8765, clients: [{ name: 'chat', entra: {} }] }, 'http', "-H 'authorization: Bearer YOUR_TOKEN'"],
  [{ port: 8765, server: { tls: {} }, clients: [{}], auth: { mode: 'open' } }, 'https', undefined],
])('the command to try is as clients have to be with %j', async (config, scheme, header) => {
  const fake = await startFake();
  fake.config = config;
  fake.snapshot = makeSnapshot({ backends: [{ name: 'eastus', deployments: [] }] });
  const page = await browser.open(fake.url);
  const command = page.locator('pre');
  await expect.poll(() => command.textContent()).toContain(`'${scheme}://127.0.0.1:8765/`);
  const text = (await command.textContent()) ?? '';
  expect(text.split('\n')[1]?.trim()).toMatch(header === undefined ? /^-H 'content-type/ : `${header} \\`);
});

test.skipIf(hasNoBrowser)(
  'a drain is confirmed with its effect, asked for once, and its answer shown',
  async () => {
    const fake = await startFake();
    fake.snapshot = makeSnapshot({ backends: [{ name: 'east/us' }, { name: 'westeurope', priority: 2 }] });
    const page = await browser.open(fake.url);
    await page.locator('[data-backend="east/us"]').click();
    await page.getByRole('button', { name: 'Drain east/us' }).click();
    const dialog = page.getByRole('dialog', { name: 'Drain east/us?' });
    expect(await dialog.innerText()).toContain('This leaves 1 backend: westeurope.');
    expect(fake.actions).toEqual([]);
    await dialog.getByRole('button', { name: 'Drain' }).click();
    await page.getByText('It is done.').waitFor();
    expect(fake.actions).toEqual(['backends/east%2Fus/drain {}']);
  },
);

test.skipIf(hasNoBrowser)(
  'the question before a drain is about the present, while the page is paused and after a reload of the configuration',
  async () => {
    const fake = await startFake();
    const page = await browser.open(fake.url);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'eastus' }).click();
    await page.getByRole('button', { name: 'Drain eastus' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('in priority 1: swedencentral.').waitFor();
    fake.show(makeSnapshot({ backends: [{ name: 'eastus' }, { name: 'westeurope', state: 'draining' }] }));
    await dialog.getByText('This leaves no backend: clients get a 503 until you undrain it.').waitFor();
    fake.show(makeSnapshot({ backends: [{ name: 'eastus2' }, { name: 'westeurope' }] }));
    await page.getByRole('dialog', { name: 'eastus is not configured any more' }).waitFor();
    await dialog.getByRole('button').click();
    await dialog.waitFor({ state: 'detached' });
    expect(fake.actions).toEqual([]);
  },
);

test.skipIf(hasNoBrowser)(
  'the tile of a backend of weight 0 does not offer room that it has only in need',
  async () => {
    const fake = await startFake();
    fake.snapshot = makeSnapshot({ backends: [{ name: 'eastus' }, { name: 'reserve', weight: 0 }] });
    const page = await browser.open(fake.url);
    await page.locator('[data-backend=eastus]', { hasText: '80k tokens/min left' }).waitFor();
    const reserve = await page.locator('[data-backend=reserve]').innerText();
    expect(reserve).toContain('weight 0: only if no other can serve');
    expect(reserve).not.toContain('tokens/min left');
  },
);

test.skipIf(hasNoBrowser)('names are shown as they are, whatever they contain', async () => {
  const fake = await startFake();
  const name = '<img src=x onerror=alert(1)>';
  fake.snapshot = makeSnapshot({
    backends: [{ name, state: 'cooling', why: '<script>alert(1)</script>', deployments: [{ name }] }],
  });
  const page = await browser.open(fake.url);
  await page.getByRole('button', { name }).waitFor();
  expect(await page.locator('.tile img, .tile script').count()).toBe(0);
});

test.skipIf(hasNoBrowser)('a page says among what has changed when the configuration did', async () => {
  const fake = await startFake();
  fake.snapshot = makeSnapshot({ process: { reloadedAgoMs: 200_000 } });
  const page = await browser.open(fake.url, { viewport: { width: 360, height: 740 } });
  const recent = page.getByRole('region', { name: 'Last failovers' });
  await recent.waitFor();
  expect(await recent.innerText()).toContain('Configuration changed 3 min ago');
  expect(await overflowPx(page)).toBe(0);
});

test.skipIf(hasNoBrowser)('a paused page stands still and says so, then shows the newest', async () => {
  const fake = await startFake();
  const page = await browser.open(fake.url);
  await page.getByRole('button', { name: 'Pause' }).click();
  fake.show(makeSnapshot(spilling));
  await page.getByText(/^Paused at /).waitFor();
  // Another tab, which gets its snapshots from this one, shows that they have arrived.
  const other = await page.context().newPage();
  await other.goto(fake.url);
  await other.getByRole('heading', { name: /^Spilling/ }).waitFor();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Serving normally');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: /^Spilling/ }).waitFor();
});

test.skipIf(hasNoBrowser)('a filter and a choice of deployment show what matches', async () => {
  const fake = await startFake();
  fake.snapshot = makeSnapshot(crowded);
  const page = await browser.open(fake.url);
  await page.getByLabel('Filter backends').fill('throttled-b');
  await expect.poll(() => page.locator('.tile').count()).toBe(1);
  await page.getByText('None of its 4 backends matches the filter.').first().waitFor();
  await page.getByLabel('Filter backends').fill('');
  await page.getByLabel('Deployment').selectOption('text-embedding-3-large');
  await page.locator('.tile.state-cooling').first().waitFor();
  expect(await page.locator('.tile').count()).toBe(12);
});

/** By how much a tile's facts exceed it at most. */
const PAST_TILE = `Math.max(...[...document.querySelectorAll('.tile')].flatMap((tile) =>
  [...tile.querySelectorAll('dt, dd')].map((fact) =>
    fact.getBoundingClientRect().right - tile.getBoundingClientRect().right +
      parseFloat(getComputedStyle(tile).paddingRight))))`;

test.skipIf(hasNoBrowser)(
  'whatever times backends take, what a tile says stays inside it, at any width',
  async () => {
    const fake = await startFake();
    fake.show(makeSnapshot(slow));
    for (const width of [360, 768, 1024, 1280, 1920]) {
      const page = await browser.open(fake.url, { viewport: { width, height: 800 } });
      await page.getByText('620 ms / 1.5 s').first().waitFor();
      expect(await page.evaluate<number>(PAST_TILE)).toBeLessThanOrEqual(0.5);
    }
  },
);

test.skipIf(hasNoBrowser)('nothing of the page needs sideways scrolling, at 360 px and at 1360', async () => {
  const fake = await startFake();
  for (const width of [360, 1360]) {
    const page = await browser.open(fake.url, { viewport: { width, height: 800 } });
    for (const scene of [{}, spilling, crowded]) {
      fake.show(makeSnapshot(scene));
      await expect.poll(() => page.locator('.tile').count()).toBe(scene === crowded ? 12 : 3);
      expect(await overflowPx(page)).toBe(0);
    }
    await page.locator('.tile-name').first().click();
    await page.getByRole('dialog').waitFor();
    expect(await overflowPx(page)).toBe(0);
  }
});
