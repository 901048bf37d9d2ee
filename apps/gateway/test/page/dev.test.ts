import { expect, onTestFinished, test } from 'vitest';
import { startDemoTraffic } from '../../../dashboard/dev/demo-traffic.ts';
import { startDevPage } from '../../../dashboard/dev/start-dev-page.ts';
import { startScene } from '../testing/start-scene.ts';
import { hasNoBrowser, TestBrowser } from './testing/browser.ts';

const browser = new TestBrowser();

test.skipIf(hasNoBrowser)(
  'a newcomer throttles priority 1 on the page of pnpm dev, and sees the spill and the return',
  async () => {
    const { url, adminUrl, mocks } = await startScene([
      { backend: { priority: 1 } },
      { backend: { priority: 1 } },
      { backend: { priority: 2 } },
    ]);
    const devPage = await startDevPage({
      port: 0,
      adminUrl,
      mocks: new Map(mocks.map((mock) => [mock.name, mock.url])),
    });
    onTestFinished(() => devPage.close());
    onTestFinished(startDemoTraffic(url));
    const page = await browser.open(devPage.url);
    page.setDefaultTimeout(60_000);
    await page.getByRole('heading', { name: 'Serving normally' }).waitFor();

    await page.getByRole('button', { name: 'Throttle 15 s: a and b' }).click();
    await page.locator('.pipe.is-flowing', { hasText: 'because priority 1 is throttled (429)' }).waitFor();
    for (const name of ['a', 'b'])
      expect(await page.locator(`[data-backend=${name}]`).innerText()).toMatch(
        /throttled\s+429, back in 0:\d\d/,
      );
    await page.getByRole('heading', { name: /^Spilling: \d+ % to priority 2, no client errors$/ }).waitFor();

    await page.locator('.pipe:not(.is-flowing)').waitFor();
    for (const name of ['a', 'b']) await page.locator(`[data-backend=${name}].state-available`).waitFor();
    await page.getByRole('heading', { name: 'Serving normally' }).waitFor();
    expect(await page.locator('.failovers').innerText()).toContain('→ c');

    // A drain works through the page's own server too, whose Origin differs.
    await page.getByRole('button', { name: 'c', exact: true }).click();
    await page.getByRole('button', { name: 'Drain c' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drain', exact: true }).click();
    await page.locator('[data-backend=c].state-draining').waitFor();
  },
);
