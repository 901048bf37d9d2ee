import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { post } from '../testing/post.ts';
import { startScene } from '../testing/start-scene.ts';
import { hasNoBrowser, TestBrowser } from './testing/browser.ts';

const TOKEN = 'a-token-of-operators';
const browser = new TestBrowser();

/** Serves an address below `/ops/`, as nginx does with `location /ops/ { proxy_pass …/; }`. */
async function startProxy(target: string): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', headers, url = '' } = incoming;
    if (!url.startsWith('/ops/')) return outgoing.writeHead(404).end();
    const passed = request(new URL(url.slice('/ops'.length), target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    return incoming.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/ops/`;
}

test.skipIf(hasNoBrowser)(
  'below a prefix of a proxy the page loads, takes a token, is live, drains, knows its session again, and its links lead on',
  async () => {
    const scene = await startScene([{}, {}], { admin: { port: 0, token: TOKEN } });
    await post(scene);
    const page = await browser.open(await startProxy(scene.adminUrl), {}, /401/);
    const field = page.getByLabel('Token of the admin listener');
    await field.fill(TOKEN);
    await field.press('Enter');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'a', exact: true }).click();
    await page.getByRole('button', { name: 'Drain a' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drain', exact: true }).click();
    await page.locator('[data-backend=a].state-draining').waitFor();
    expect(scene.gateway.snapshots()[0]?.availability).toBe('draining');
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator('[data-backend=a].state-draining').waitFor();
    // Browsers send the session's cookie only where it belongs.
    for (const name of ['Metrics', 'API']) {
      const href = await page.getByRole('link', { name }).getAttribute('href');
      const answer = await page.context().request.get(new URL(href ?? '', page.url()).href);
      expect([name, answer.status()]).toEqual([name, 200]);
    }
  },
);
