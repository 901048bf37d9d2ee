import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { hasNoBrowser, overflowPx, TestBrowser } from './testing/browser.ts';
import { FakeAdmin, restartFakeAdmin } from './testing/fake-admin.ts';
import { crowded, makeSnapshot, type Scene } from './testing/scenes.ts';

const browser = new TestBrowser();
const START_MS = 1_790_000_000_000;
/** Refused connections, which the browser itself reports. */
const NETWORK = /Failed to load resource/;

async function startFake(): Promise<FakeAdmin> {
  const fake = await new FakeAdmin().start();
  onTestFinished(() => fake.stop());
  return fake;
}

const MANY = 200;
const many = (second: number): Scene => ({
  atMs: START_MS + second * 1000,
  process: { uptimeMs: (second + 1) * 3_600_000 },
  backends: Array.from({ length: MANY }, (_, place) => ({
    name: `openai-${place}`,
    priority: 1 + (place % 3),
    requestsPerSecond: place % 7,
    deployments: [{ name: 'gpt-4o' }, { name: 'gpt-4o-mini' }, { name: 'text-embedding-3-large' }],
  })),
});

test.skipIf(hasNoBrowser)(
  'with two hundred backends the page keeps up, and its chart has the busiest and all others',
  { timeout: 180_000 },
  async () => {
    const fake = await startFake();
    fake.fallSilent();
    fake.snapshot = makeSnapshot(many(0));
    const page = await browser.open(fake.url);
    await page.locator('.tile').first().waitFor();
    const SECONDS = 180;
    for (let second = 1; second < SECONDS; second++) fake.show(makeSnapshot(many(second)));
    await page.locator('footer', { hasText: 'up 7 d 12 h,' }).waitFor({ timeout: 120_000 });
    expect(await page.locator('.tile').count()).toBe(MANY);
    // Each backend shown by itself, all others, and the legend of the shades.
    expect(await page.locator('.legend li').count()).toBe(13);
    await page.locator('.legend', { hasText: '189 others' }).waitFor();
    await page.getByText('As a table').click();
    await expect.poll(() => page.locator('thead th').count()).toBe(13);
    await page.getByLabel('Filter backends').fill('openai-199');
    await expect.poll(() => page.locator('.tile').count()).toBe(1);
    await page.locator('.tile-name').click();
    await page.getByRole('dialog', { name: 'openai-199' }).waitFor();
    expect(await overflowPx(page)).toBe(0);
  },
);

test.skipIf(hasNoBrowser)(
  'a page that stays open while the gateway is updated says so, and shows what it does not know yet',
  async () => {
    const fake = await startFake();
    const page = await browser.open(fake.url);
    await page.getByRole('heading', { name: 'Serving normally' }).waitFor();
    const state = 'ejected' as 'cooling';
    fake.show(makeSnapshot({ version: '9.0.0', backends: [{ name: 'eastus', state, why: '500' }] }));
    await page.getByText('The gateway is now of version 9.0.0: load this page again.').waitFor();
    await page.locator('[data-backend=eastus]', { hasText: 'ejected' }).waitFor();
    await page.reload();
    await page.locator('[data-backend=eastus]', { hasText: 'ejected' }).waitFor();
    expect(await page.getByText('load this page again').count()).toBe(0);
  },
);

const ODD = [
  '🚀🚀 rocket 👩‍👩‍👧‍👦',
  'مرحبا بالعالم',
  '\u202eedirrevo',
  'x'.repeat(64),
  '中文部署名称'.repeat(10),
  'Z̵̡̢͔̩͕̻̠͇̪̝̝̺̏̈́͂a̸lgo',
];
const odd: Scene = {
  backends: ['y'.repeat(64), 'eastus'].map((name) => ({
    name,
    requestsPerSecond: 3,
    deployments: ODD.map((deployment, place) => ({
      name: deployment,
      ...(place === 1 && { state: 'throttled' as const }),
    })),
  })),
  failovers: ODD.map((deployment) => ({
    deployment,
    from: 'y'.repeat(64),
    reason: '429',
    to: 'eastus',
    count: 3,
    sinceMs: 9000,
    agoMs: 1200,
  })),
  events: ODD.map((deployment) => ({
    agoMs: 3000,
    backend: 'y'.repeat(64),
    deployment,
    from: 'available' as const,
    to: 'throttled' as const,
    why: '429',
  })),
};

test.skipIf(hasNoBrowser).each([360, 680, 1360])(
  'names that are long, from right to left or hardly names break nothing at %d px',
  async (width) => {
    const fake = await startFake();
    fake.snapshot = makeSnapshot(odd);
    const page = await browser.open(fake.url, { viewport: { width, height: 800 } });
    await page.locator('.tile').first().waitFor();
    expect(await overflowPx(page)).toBe(0);
    // A sentence is still read from the left, and nothing reverses it.
    const events = await page.locator('.events').innerText();
    expect(events).toContain('\u2068مرحبا بالعالم\u2069 at yyy');
    expect(events).not.toContain('\u202e');
    await page.locator('.tile-name').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await overflowPx(page)).toBe(0);
    expect(await overflowOf(page, '.dialog')).toBe(0);
  },
);

test.skipIf(hasNoBrowser)(
  'at a zoom of 200 % nothing is cut off, and the verdict leaves room for the rest',
  async () => {
    const fake = await startFake();
    fake.snapshot = makeSnapshot(crowded);
    const zoomed = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };
    const page = await browser.open(fake.url, zoomed);
    await page.locator('.tile').first().waitFor();
    expect(await overflowPx(page)).toBe(0);
    await page.evaluate('scrollTo(0, 900)');
    const bottom = 'document.querySelector(".verdict").getBoundingClientRect().bottom';
    expect(await page.evaluate<number>(bottom)).toBeLessThan(0);
  },
);

test.skipIf(hasNoBrowser)(
  'where replicas answer at one address in turn the page says so, and not of one alone',
  async () => {
    const fake = await startFake();
    const [one, other] = [90, 9000].map((upS) => makeSnapshot({ process: { uptimeMs: upS * 1000 } }));
    fake.show(one!);
    const page = await browser.open(fake.url);
    const told = page.getByText('Several replicas answer at this address in turn');
    await page.locator('footer', { hasText: 'up 1 min' }).waitFor();
    expect(await told.count()).toBe(0);
    fake.show(other!);
    await page.locator('footer', { hasText: 'up 2 h 30 min' }).waitFor();
    expect(await told.count()).toBe(0);
    fake.show(one!);
    await told.waitFor();
    expect(await overflowPx(page)).toBe(0);
  },
);

test.skipIf(hasNoBrowser).each([320, 680, 1360])(
  'at %d px a verdict says all that is to be known, and since when',
  async (width) => {
    const fake = await startFake();
    fake.snapshot = makeSnapshot({
      totals: { spillingForMs: 3_720_000, fallbacksPerSecond: 2 },
      process: { isConfigurationRefused: true },
      spilledIn: { 2: [{ fromPriority: 1, cause: 'throttled', requestsPerSecond: 7 }] },
      backends: [
        { name: `eastus-${'y'.repeat(50)}`, state: 'throttled', why: '429' },
        { name: `swedencentral-${'z'.repeat(50)}`, state: 'cooling', why: 'connection refused' },
        { name: 'westeurope', priority: 2, requestsPerSecond: 7 },
      ],
    });
    const page = await browser.open(fake.url, { viewport: { width, height: 800 } });
    await page.getByText('for 1 h 2 min').waitFor();
    await page.getByText('the new configuration is refused, and the old one in effect').waitFor();
    expect(await overflowOf(page, '.verdict p', 'Height')).toBe(0);
    expect(await overflowPx(page)).toBe(0);
  },
);

test.skipIf(hasNoBrowser).each([320, 1360])(
  'at %d px a tile says why and until when, whatever else its line holds',
  async (width) => {
    const fake = await startFake();
    const out = { state: 'cooling', why: 'no file descriptors left', recoversInMs: 299_000 } as const;
    const deployments = [{ name: 'gpt-4o' }, { name: 'z'.repeat(64), state: 'throttled' as const }];
    fake.snapshot = makeSnapshot({
      backends: [{ name: 'a', ...out }, { name: 'b', deployments }, { name: 'c' }, { name: 'd' }],
    });
    const page = await browser.open(fake.url, { viewport: { width, height: 800 } });
    await page.getByText('no file descriptors left, back in 4:59').waitFor();
    for (const name of ['a', 'b'])
      expect(await overflowOf(page, `[data-backend=${name}] .tile-detail`)).toBe(0);
    expect(await overflowPx(page)).toBe(0);
  },
);

test.skipIf(hasNoBrowser)(
  'a verdict with a long list of what is out does not stay over the rest of the page',
  async () => {
    const fake = await startFake();
    const whys = ['500', '503', 'TLS failed', 'no answer in time', 'connection refused', 'name not found'];
    fake.snapshot = makeSnapshot({
      backends: whys.map((why, place) => ({
        name: `${'y'.repeat(60)}${place}`,
        requestsPerSecond: 1,
        deployments: [{ name: 'z'.repeat(64), state: 'cooling', why }, { name: 'gpt-4o' }],
      })),
    });
    const page = await browser.open(fake.url, { viewport: { width: 360, height: 740 } });
    await page.locator('.verdict', { hasText: 'cooling (TLS failed)' }).waitFor();
    expect(await overflowPx(page)).toBe(0);
    const last = page.locator('.tile').last();
    await last.scrollIntoViewIfNeeded();
    const bottom = 'document.querySelector(".verdict").getBoundingClientRect().bottom';
    expect(await page.evaluate<number>(bottom)).toBeLessThan(0);
  },
);

test.skipIf(hasNoBrowser)('on paper everything is there in light colours, and nothing to press', async () => {
  const fake = await startFake();
  fake.snapshot = makeSnapshot(crowded);
  const page = await browser.open(fake.url, { colorScheme: 'dark' });
  await page.locator('.failovers li').first().waitFor();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  expect(await page.locator('.controls').isVisible()).toBe(false);
  expect(await overflowOf(page, '.failovers', 'Height')).toBe(0);
  const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const [red = 0] = (background.match(/\d+/g) ?? []).map(Number);
  expect(red).toBeGreaterThan(200);
});

test.skipIf(hasNoBrowser)(
  'a deployment that was chosen stays chosen, and is shown as that, where a gateway that restarted has served none yet',
  async () => {
    const fake = await startFake();
    const page = await browser.open(fake.url);
    await page.locator('.tile').first().waitFor();
    const deployment = page.getByLabel('Deployment');
    await deployment.selectOption('gpt-4o');
    fake.show(makeSnapshot({ backends: [{ name: 'eastus', deployments: [] }] }));
    await page.getByText('None of its 1 backends matches the filter.').waitFor();
    expect(await deployment.inputValue()).toBe('gpt-4o');
    await deployment.selectOption('');
    await page.locator('.tile').waitFor();
    await expect.poll(() => deployment.locator('option').count()).toBe(1);
  },
);

test.skipIf(hasNoBrowser)(
  'the chart has its numbers as the rest of the page has them, whatever the language of the browser',
  async () => {
    const fake = await startFake();
    fake.snapshot = makeSnapshot({ backends: [{ name: 'eastus', requestsPerSecond: 0.6 }] });
    const page = await browser.open('about:blank', { locale: 'ar-EG' });
    await page.addInitScript(`
      globalThis.drawn = new Set();
      const draw = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
        drawn.add(text);
        return draw.call(this, text, ...at);
      };`);
    await page.goto(fake.url);
    await expect.poll(() => page.evaluate<string[]>('[...drawn]')).toContain('0.5');
  },
);

test.skipIf(hasNoBrowser)('draining a deployment that clients called .. drains nothing else', async () => {
  const fake = await startFake();
  fake.snapshot = makeSnapshot({
    backends: [{ name: 'eastus', deployments: [{ name: '..' }, { name: 'gpt-4o' }] }],
  });
  const page = await browser.open(fake.url);
  await page.locator('.tile-name').click();
  await page.getByRole('button', { name: 'Drain ..' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Drain', exact: true }).click();
  await page.locator('.notice.is-error').getByText('A browser cannot ask for “..”').waitFor();
  expect(fake.actions).toEqual([]);
});

test.skipIf(hasNoBrowser)(
  'a gateway that restarts is told of in all of eight tabs, which are live again',
  async () => {
    const fake = await new FakeAdmin().start();
    const first = await browser.open(fake.url, {}, NETWORK);
    const tabs = [first];
    while (tabs.length < 8) {
      const tab = await first.context().newPage();
      await tab.goto(fake.url);
      tabs.push(tab);
    }
    const all = (text: RegExp) =>
      Promise.all(tabs.map((tab) => tab.getByRole('heading', { level: 1, name: text }).waitFor()));
    await all(/^Serving normally/);
    await fake.stop();
    await all(/^Connection lost/);
    const again = await restartFakeAdmin(fake.url);
    onTestFinished(() => again.stop());
    await all(/^Serving normally/);
    await expect.poll(() => again.viewers).toBe(1);
  },
);

/** Returns by how many px the content of an element exceeds it. */
function overflowOf(page: Page, selector: string, side: 'Width' | 'Height' = 'Width'): Promise<number> {
  return page.evaluate<number>(
    `(() => { const one = document.querySelector('${selector}'); return one.scroll${side} - one.client${side}; })()`,
  );
}
