import { expect, onTestFinished, test } from 'vitest';
import { axeFindings, hasNoBrowser, TestBrowser } from './testing/browser.ts';
import { FakeAdmin } from './testing/fake-admin.ts';
import { budgeted, crowded, makeSnapshot, type Scene, spilling } from './testing/scenes.ts';

const browser = new TestBrowser();

async function startFake(): Promise<FakeAdmin> {
  const fake = await new FakeAdmin().start();
  onTestFinished(() => fake.stop());
  return fake;
}

/** The number of backends that take no new requests. */
function outOf(scene: Scene): number {
  return makeSnapshot(scene).backends.filter(({ state }) => state !== 'available' && state !== 'probing')
    .length;
}

/** One page each, as axe looks at every one of a crowded page's nodes. */
const SCENES: Readonly<Record<string, Scene>> = {
  'all is well': {},
  'requests spill': spilling,
  'clients have budgets': budgeted,
  'there is much of everything': crowded,
};

for (const colorScheme of ['light', 'dark'] as const) {
  test.skipIf(hasNoBrowser).each(Object.entries(SCENES))(
    `axe finds nothing in the ${colorScheme} scheme where %s`,
    async (_, scene) => {
      const fake = await startFake();
      const page = await browser.open(fake.url, { colorScheme });
      fake.show(makeSnapshot(scene));
      await expect.poll(() => page.locator('.tile.is-out').count()).toBe(outOf(scene));
      await expect.poll(() => page.locator('.client').count()).toBe(scene.clients?.length ?? 0);
      expect(await axeFindings(page)).toEqual([]);
    },
  );

  test.skipIf(hasNoBrowser)(
    `axe finds nothing in dialogs and where the stream is lost, in the ${colorScheme} scheme`,
    async () => {
      const fake = await startFake();
      const deployments = [{ name: 'gpt-4o', state: 'cooling' as const }];
      fake.snapshot = makeSnapshot({
        backends: [{ name: 'idle' }, { name: 'ill', state: 'cooling', deployments }],
      });
      const page = await browser.open(fake.url, { colorScheme });
      await page.getByRole('button', { name: 'idle' }).click();
      await page.getByRole('dialog').waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await page.getByRole('button', { name: 'Drain idle' }).click();
      await page.getByRole('dialog', { name: 'Drain idle?' }).waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'ill' }).click();
      await page.getByRole('button', { name: 'Clear cooldown of gpt-4o' }).waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await page.keyboard.press('Escape');
      fake.hang();
      await page.locator('main.is-stale').waitFor();
      expect(await axeFindings(page)).toEqual([]);
    },
  );

  test.skipIf(hasNoBrowser)(
    `axe finds nothing where a token is asked for, in the ${colorScheme} scheme`,
    async () => {
      const fake = await startFake();
      fake.token = 'the-token';
      const page = await browser.open(fake.url, { colorScheme }, /401/);
      await page.getByLabel('Token of the admin listener').waitFor();
      expect(await axeFindings(page)).toEqual([]);
    },
  );
}

test.skipIf(hasNoBrowser)('everything can be done by keyboard alone', async () => {
  const fake = await startFake();
  const page = await browser.open(fake.url);
  const focused = () =>
    page.evaluate<string>('document.activeElement.textContent || document.activeElement.id');
  await page.locator('.tile').first().waitFor();
  await page.keyboard.press('/');
  expect(await focused()).toBe('filter');
  await page.keyboard.type('sweden');
  await expect.poll(() => page.locator('.tile').count()).toBe(1);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('.tile').count()).toBe(3);
  await page.keyboard.press('d');
  expect(await page.evaluate<string>('document.activeElement.id')).toBe('deployment');
  while ((await focused()) !== 'eastus') await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  expect(await focused()).toBe('swedencentral');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe('westeurope');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowLeft');
  expect(await focused()).toBe('eastus');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'eastus' }).waitFor();
  while ((await page.evaluate<string>('document.activeElement.ariaLabel')) !== 'Drain eastus')
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Drain eastus?' }).waitFor();
  // The harmless button has the focus first.
  await expect.poll(focused).toBe('Cancel');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect.poll(() => fake.actions).toEqual(['backends/eastus/drain {}']);
  await expect.poll(focused).toBe('eastus');
  await page.keyboard.press('p');
  await page.getByText(/^Paused at /).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
});

test.skipIf(hasNoBrowser)('a key that follows at once upon a dialog is not lost', async () => {
  const fake = await startFake();
  const page = await browser.open(fake.url);
  await page.locator('.tile').first().waitFor();
  // In one task, so that the browser has not yet told the page that the dialog has closed.
  const closeAndPress = (key: string) =>
    page.evaluate<void>(`
      document.querySelector('dialog').close();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true }));`);
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await page.keyboard.press('?');
  await keys.waitFor();
  await closeAndPress('p');
  await page.getByText(/^Paused at /).waitFor();
  await expect.poll(() => keys.count()).toBe(0);
  await page.getByRole('button', { name: 'eastus' }).click();
  await page.getByRole('dialog', { name: 'eastus' }).waitFor();
  await closeAndPress('?');
  await keys.waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
});

test.skipIf(hasNoBrowser)('changes of state are announced, and numbers are not', async () => {
  const fake = await startFake();
  const page = await browser.open(fake.url);
  const announced = page.locator('[role=status]').first();
  await expect.poll(() => announced.textContent()).toBe('Serving normally');
  fake.show(makeSnapshot({ totals: { tokensPerMinute: 7 } }));
  await page.locator('.stat', { hasText: 'Tokens' }).getByText('7', { exact: true }).waitFor();
  expect(await announced.textContent()).toBe('Serving normally');
  fake.show(makeSnapshot(spilling));
  await expect
    .poll(() => announced.textContent())
    .toBe('Spilling: 100 % to priority 2, no client errors. eastus is throttled: 429');
});

test.skipIf(hasNoBrowser)(
  'that nobody is served any more is announced where nobody asked before, and its time begins anew',
  async () => {
    const fake = await startFake();
    const backends = [{ name: 'eastus' }];
    fake.snapshot = makeSnapshot({ backends });
    const page = await browser.open(fake.url);
    const announced = page.locator('[role=status]').first();
    await expect.poll(() => announced.textContent()).toBe('Ready: no requests at the moment');
    const since = page.locator('.verdict-since');
    await since.getByText('for at least').waitFor();
    fake.show(makeSnapshot({ backends, totals: { requestsPerSecond: 3, unservedPerSecond: 3 } }));
    await expect.poll(() => announced.textContent()).toMatch(/^Serving nobody: /);
    await since.getByText(/^for \d+ s$/).waitFor();
  },
);

test.skipIf(hasNoBrowser)(
  'that the stream is lost is announced each time, and so is its return',
  async () => {
    const fake = await startFake();
    const page = await browser.open(fake.url);
    const announced = page.locator('[role=status]').first();
    await expect.poll(() => announced.textContent()).toBe('Serving normally');
    fake.fallSilent();
    for (let time = 0; time < 2; time++) {
      await expect.poll(() => announced.textContent(), { timeout: 10_000 }).toBe('Connection lost');
      fake.show(makeSnapshot());
      await expect.poll(() => announced.textContent()).toBe('Connected');
    }
  },
);

test.skipIf(hasNoBrowser)('a gateway that does not answer from the start is announced', async () => {
  const fake = await startFake();
  fake.hang();
  const page = await browser.open(fake.url);
  const announced = page.locator('[role=status]').first();
  await expect.poll(() => announced.textContent(), { timeout: 10_000 }).toBe('The gateway does not answer');
  fake.show(makeSnapshot());
  await expect.poll(() => announced.textContent()).toBe('Connected. Serving normally');
});

test.skipIf(hasNoBrowser)('nothing moves for those who asked for less motion', async () => {
  const fake = await startFake();
  fake.snapshot = makeSnapshot(spilling);
  const page = await browser.open(fake.url, { reducedMotion: 'reduce' });
  await page.locator('.pipe.is-flowing').waitFor();
  expect(await page.evaluate<number>('document.getAnimations().length')).toBe(0);
});

test.skipIf(hasNoBrowser)('states are told apart in forced colours', async () => {
  const fake = await startFake();
  fake.snapshot = makeSnapshot(spilling);
  const page = await browser.open(fake.url, { forcedColors: 'active' });
  await page.locator('.tile.is-out').first().waitFor();
  expect(await page.evaluate<boolean>('matchMedia("(forced-colors: active)").matches')).toBe(true);
  const borders = (selector: string) =>
    page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).borderWidth`);
  expect(await borders('.tile.is-out')).not.toBe(await borders('.tile:not(.is-out)'));
  expect(await axeFindings(page)).toEqual([]);
});
