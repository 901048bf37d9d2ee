import { expect, onTestFinished, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { startReloadable } from '../testing/start-reloadable.ts';
import { startScene } from '../testing/start-scene.ts';
import { axeFindings, hasNoBrowser, overflowPx, TestBrowser } from './testing/browser.ts';
import { FakeAdmin } from './testing/fake-admin.ts';
import { budgeted, manyClients, makeSnapshot, spilling } from './testing/scenes.ts';

const browser = new TestBrowser();

async function startFake(): Promise<FakeAdmin> {
  const fake = await new FakeAdmin().start();
  onTestFinished(() => fake.stop());
  return fake;
}

test.skipIf(hasNoBrowser)(
  'each client has a row with its budgets in words, and without clients there is none',
  async () => {
    const fake = await startFake();
    const page = await browser.open(fake.url);
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.getByRole('heading', { name: 'Clients' }).count()).toBe(0);
    fake.show(makeSnapshot(budgeted));
    const rows = page.getByRole('region', { name: 'Clients' }).locator('.client');
    await expect.poll(() => rows.count()).toBe(3);
    expect(await rows.locator('h3').allInnerTexts()).toEqual(['nightly-batch', 'chat', 'internal-tool']);
    const [batch = '', chat = '', tool = ''] = await rows.allInnerTexts();
    expect(batch).toMatch(/over its budget\s+60k of 60k tokens\/min, resets 0:32/);
    expect(batch).toMatch(/1\.2M of 2M tokens this month, resets in 1 d 1 h/);
    expect(batch).toMatch(/in flight\s+2\s+req\/min\s+40\s+refused\/min\s+12/);
    expect(chat).toContain('58 of 60 requests/min of gpt-4o, مرحبا بالعالم, o3 and 2 more, resets 0:01');
    expect(chat).toMatch(/3 of 5 requests at once\s/);
    expect(tool).toMatch(/internal-tool\s+no budget\s+in flight\s+–/);
    fake.show(makeSnapshot());
    await expect.poll(() => rows.count()).toBe(0);
  },
);

test.skipIf(hasNoBrowser)(
  'clients over their budgets are in the verdict, and are no fault of backends',
  async () => {
    const fake = await startFake();
    fake.snapshot = makeSnapshot(budgeted);
    const page = await browser.open(fake.url);
    await page.getByRole('heading', { name: 'Serving normally, 2 clients are over their budgets' }).waitFor();
    expect(await page.locator('.verdict.tone-serving').count()).toBe(1);
    expect(await page.locator('.stat.is-bad').count()).toBe(0);
    await page.locator('.stat', { hasText: 'in 5 min, 12 by budget' }).waitFor();
    fake.show(makeSnapshot({ ...budgeted, ...spilling }));
    await page.getByRole('heading', { name: 'Spilling: 100 % to priority 2, no client errors' }).waitFor();
    await page.locator('.verdict', { hasText: '2 clients are over their budgets; eastus' }).waitFor();
  },
);

test.skipIf(hasNoBrowser)(
  'that clients are over their budgets is announced once, however many they are',
  async () => {
    const fake = await startFake();
    const page = await browser.open(fake.url);
    const announced = page.locator('[role=status]').first();
    await expect.poll(() => announced.textContent()).toBe('Serving normally');
    fake.show(makeSnapshot(budgeted));
    await expect.poll(() => announced.textContent()).toBe('2 clients are over their budgets');
    const overBudget = { refusedPerSecond: 4, clients: 3, client429s: 20 };
    fake.show(makeSnapshot({ ...budgeted, totals: { client429s: 20, overBudget } }));
    await page.getByRole('heading', { name: 'Serving normally, 3 clients are over their budgets' }).waitFor();
    expect(await announced.textContent()).toBe('2 clients are over their budgets');
  },
);

test.skipIf(hasNoBrowser)(
  'many clients with long names break nothing at any width, and are reached by keyboard',
  async () => {
    const fake = await startFake();
    fake.snapshot = makeSnapshot(manyClients);
    for (const width of [360, 900, 1360]) {
      const page = await browser.open(fake.url, { viewport: { width, height: 800 } });
      await expect.poll(() => page.locator('.client').count()).toBe(50);
      await page.getByText('The 50 that use most; 950 more are not shown.').waitFor();
      expect(await overflowPx(page)).toBe(0);
      expect(
        await page.evaluate<number>(`(() => {
      const list = document.querySelector('.clients');
      return list.scrollWidth - list.clientWidth;
    })()`),
      ).toBe(0);
      await page.getByRole('list', { name: /^Clients/ }).focus();
      await page.keyboard.press('End');
      await expect
        .poll(() => page.evaluate<number>('document.querySelector(".clients").scrollTop'))
        .toBeGreaterThan(0);
    }
  },
);

test.skipIf(hasNoBrowser)(
  'a spent budget is told from others in forced colours, and on paper every client is there',
  async () => {
    const fake = await startFake();
    fake.snapshot = makeSnapshot(budgeted);
    const page = await browser.open(fake.url, { forcedColors: 'active' });
    await page.locator('.client.is-over').first().waitFor();
    const style = (selector: string, property: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).${property}`);
    expect(await style('.client.is-over .reason', 'borderStyle')).toBe('solid');
    expect(await style('.client .meter-used', 'backgroundColor')).not.toBe(
      await style('.client .meter-track', 'backgroundColor'),
    );
    expect(await axeFindings(page)).toEqual([]);
    fake.show(makeSnapshot(manyClients));
    await expect.poll(() => page.locator('.client').count()).toBe(50);
    await page.emulateMedia({ media: 'print' });
    expect(
      await page.evaluate<number>(`(() => {
    const list = document.querySelector('.clients');
    return list.scrollHeight - list.clientHeight;
  })()`),
    ).toBe(0);
  },
);

test.skipIf(hasNoBrowser)(
  'the page of a real gateway shows what a client has spent, and after a reload the new ones',
  async () => {
    const key = makeKey();
    const keys = [{ sha256: sha256(key) }];
    const backends = [{ name: 'a', url: (await startScene([{}])).mocks[0]!.url, apiKey: 'key-a' }];
    const scene = await startReloadable({
      backends,
      clients: [{ name: 'chat', keys, budgets: [{ rpm: 1 }] }],
    });
    const page = await browser.open(scene.adminUrl);
    const row = page.locator('[data-client=chat]');
    await row.getByText('0 of 1 requests/min').waitFor();
    for (let count = 0; count < 2; count++)
      await (await post(scene, chatPath, chatBody, { headers: { 'api-key': key } })).text();
    await row.getByText('over its budget').waitFor();
    await row.getByText(/^1 of 1 requests\/min/).waitFor();
    await page.getByRole('heading', { name: 'Serving normally, 1 client is over its budget' }).waitFor();
    await scene.reload({ backends, clients: [{ name: 'new', keys, budgets: [{ tpm: 60_000 }] }] });
    await page.locator('[data-client=new]').getByText('0 of 60k tokens/min').waitFor();
    expect(await row.count()).toBe(0);
  },
);
