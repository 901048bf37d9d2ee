import { expect, onTestFinished, test } from 'vitest';
import type { Page } from 'playwright-core';
import { hasNoBrowser, TestBrowser } from './testing/browser.ts';
import { FakeAdmin } from './testing/fake-admin.ts';
import { makeSnapshot, spilling } from './testing/scenes.ts';

const TABS = 8;
// An address at which the page is not in a secure context, as when opened over plain HTTP from another machine.
const browser = new TestBrowser(['--host-resolver-rules=MAP gateway.test 127.0.0.1']);

async function startFake(): Promise<FakeAdmin> {
  const fake = await new FakeAdmin().start();
  onTestFinished(() => fake.stop());
  return fake;
}

function expectVerdict(tabs: readonly Page[], name: RegExp): Promise<unknown> {
  return Promise.all(tabs.map((tab) => tab.getByRole('heading', { level: 1, name }).waitFor()));
}

test.skipIf(hasNoBrowser)('eight tabs are all live by one stream, and a drain still works', async () => {
  const fake = await startFake();
  const first = await browser.open(fake.url);
  const tabs = [first];
  while (tabs.length < TABS) {
    const tab = await first.context().newPage();
    await tab.goto(fake.url);
    tabs.push(tab);
  }
  await expectVerdict(tabs, /^Serving normally/);
  expect(fake.viewers).toBe(1);
  fake.show(makeSnapshot(spilling));
  await expectVerdict(tabs, /^Spilling/);
  const last = tabs.at(-1)!;
  await last.getByRole('button', { name: 'westeurope' }).click();
  await last.getByRole('button', { name: 'Drain westeurope' }).click();
  await last.getByRole('dialog').getByRole('button', { name: 'Drain', exact: true }).click();
  await last.getByText('It is done.').waitFor();
  expect(fake.actions).toEqual(['backends/westeurope/drain {}']);
});

test.skipIf(hasNoBrowser)(
  'when the tab that listens is closed, another takes over for the rest',
  async () => {
    const fake = await startFake();
    const first = await browser.open(fake.url);
    await first.getByText('Live', { exact: true }).waitFor();
    const others = await Promise.all([first.context().newPage(), first.context().newPage()]);
    for (const tab of others) await tab.goto(fake.url);
    await expectVerdict(others, /^Serving normally/);
    await first.close();
    fake.snapshot = makeSnapshot(spilling);
    await expectVerdict(others, /^Spilling/);
    await expect.poll(() => fake.viewers).toBe(1);
  },
);

test.skipIf(hasNoBrowser)('one token opens all tabs', async () => {
  const fake = await startFake();
  fake.token = 'the-token';
  const first = await browser.open(fake.url, {}, /401/);
  const second = await first.context().newPage();
  await second.goto(fake.url);
  const field = second.getByLabel('Token of the admin listener');
  await field.fill('the-token');
  await field.press('Enter');
  await expectVerdict([first, second], /^Serving normally/);
  expect(fake.viewers).toBe(1);
});

test.skipIf(hasNoBrowser)('where tabs cannot share a stream, a hidden one lets go of its own', async () => {
  const fake = await startFake();
  const page = await browser.open(fake.url.replace('127.0.0.1', 'gateway.test'));
  expect(await page.evaluate<boolean>('isSecureContext')).toBe(false);
  await expectVerdict([page], /^Serving normally/);
  expect(fake.viewers).toBe(1);
  await setHidden(page, true);
  await expect.poll(() => fake.viewers).toBe(0);
  fake.snapshot = makeSnapshot(spilling);
  await setHidden(page, false);
  await expectVerdict([page], /^Spilling/);
});

test.skipIf(hasNoBrowser)(
  'a browser that blocks the data of sites, and so refuses locks, shows the page too, also behind a token',
  async () => {
    const fake = await startFake();
    fake.token = 'the-token';
    const page = await browser.open('about:blank', {}, /401/);
    // As Chromium does there.
    await page.addInitScript(
      'LockManager.prototype.request = () => Promise.reject(new DOMException("The request was denied.", "SecurityError"))',
    );
    await page.goto(fake.url);
    const field = page.getByLabel('Token of the admin listener');
    await field.fill('the-token');
    await field.press('Enter');
    await expectVerdict([page], /^Serving normally/);
    expect(fake.viewers).toBe(1);
  },
);

test.skipIf(hasNoBrowser)('a tab that is opened while the stream is lost does not seem live', async () => {
  const fake = await startFake();
  const first = await browser.open(fake.url);
  await first.getByText('Live', { exact: true }).waitFor();
  fake.hang();
  await expectVerdict([first], /^Connection lost/);
  const second = await first.context().newPage();
  await second.goto(fake.url);
  await expectVerdict([second], /^The gateway does not answer/);
  await expectVerdict([first], /^Connection lost/);
  expect(await second.getByText('Live', { exact: true }).count()).toBe(0);
  fake.show(fake.snapshot);
  await expectVerdict([first, second], /^Serving normally/);
});

/** A headless browser shows all its tabs at once. */
async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));`);
}
