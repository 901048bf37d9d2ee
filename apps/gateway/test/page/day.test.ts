import type { CDPSession, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { hasNoBrowser, TestBrowser } from './testing/browser.ts';
import { FakeAdmin } from './testing/fake-admin.ts';
import { makeSnapshot, spilling } from './testing/scenes.ts';

const DAY_S = 86_400;
const START_S = 1_790_000_000;
/** By then the history of the last 15 minutes is full, and the engine has compiled all repeated code. */
const WARM_S = 21_600;
const CHUNK_S = 300;
/** About 60 bytes for each snapshot; a single one has 2,000. */
const MAX_GROWTH_BYTES = 4_000_000;
const MAX_GROWTH_NODES = 50;

const browser = new TestBrowser();

test.skipIf(hasNoBrowser)(
  'a page that has been open for a day has the heap and the nodes that it had after six hours',
  { timeout: 300_000 },
  async () => {
    const fake = await new FakeAdmin().start();
    onTestFinished(() => fake.stop());
    fake.fallSilent();
    fake.snapshot = snapshotAt(0);
    const page = await browser.open(fake.url);
    await page.getByText('Live', { exact: true }).waitFor();
    const devtools = await page.context().newCDPSession(page);
    await replay(fake, page, 1, WARM_S);
    const before = await measure(devtools);
    await replay(fake, page, WARM_S + 1, DAY_S);
    const after = await measure(devtools);
    expect(after.nodes - before.nodes).toBeLessThan(MAX_GROWTH_NODES);
    expect(after.heapBytes - before.heapBytes).toBeLessThan(MAX_GROWTH_BYTES);
  },
);

/** Each minute has a spill in its second half, so that every kind of change occurs repeatedly. */
function snapshotAt(second: number) {
  const isSpilling = second % 60 > 30 && second % 60 < 59;
  return makeSnapshot({ ...(isSpilling && spilling), atMs: (START_S + second) * 1000 });
}

/** Sends the snapshots as fast as the page takes them, and returns when it shows the last. */
async function replay(fake: FakeAdmin, page: Page, fromS: number, untilS: number): Promise<void> {
  for (let second = fromS; second <= untilS; second += CHUNK_S) {
    const last = Math.min(untilS, second + CHUNK_S - 1);
    for (let next = second; next < last; next++) fake.show(snapshotAt(next));
    // The uptime shows which of them is displayed.
    const uptimeMs = (1 + (last % 50)) * 3_600_000;
    const snapshot = snapshotAt(last);
    fake.show({ ...snapshot, process: { ...snapshot.process, uptimeMs } });
    await page.locator('footer', { hasText: new RegExp(`up ${spanOf(uptimeMs)},`) }).waitFor();
  }
}

function spanOf(ms: number): string {
  const hours = ms / 3_600_000;
  const [days, rest] = [Math.floor(hours / 24), hours % 24];
  if (days === 0) return `${hours} h`;
  return rest === 0 ? `${days} d` : `${days} d ${rest} h`;
}

async function measure(devtools: CDPSession): Promise<{ heapBytes: number; nodes: number }> {
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.collectGarbage');
  const { nodes } = await devtools.send('Memory.getDOMCounters');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return { heapBytes: usedSize, nodes };
}
