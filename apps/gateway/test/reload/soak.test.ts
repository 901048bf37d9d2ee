import { setTimeout as sleep } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { Links } from '../../src/headers/links.ts';
import { chatPath, post, streamBody } from '../testing/post.ts';
import { startReloadable } from '../testing/start-reloadable.ts';
import { startStreamBackend } from '../testing/start-stream-backend.ts';

const RELOADS = 40;
const CLIENTS = 3;
/** Between two requests of a client: about a hundred requests a second in all. */
const PAUSE_MS = 25;
/** Each reading of the file takes a quarter of a second. */
const TIMEOUT_MS = 180_000;
/** Each runtime has links of its own. */
const countRuntimes = () => queryObjects(Links, { format: 'count' });

test(
  'forty reloads in a row lose no request and no stream, and leave nothing behind',
  { timeout: TIMEOUT_MS },
  async () => {
    const servers = await Promise.all(['a', 'b', 'c'].map(() => startStreamBackend()));
    const [a, b, c] = servers.map(({ url }, place) => ({ name: 'abc'[place] as string, url, apiKey: 'key' }));
    const changes = [
      { backends: [a, b] },
      { backends: [b, c], strategy: 'round-robin' as const },
      { backends: [{ ...c, name: 'a' }, b], timeouts: { connectMs: 4000 } },
      { backends: [a, b, c], waitingRoom: { maxWaitMs: 1000 } },
    ];
    const gateway = await startReloadable({ backends: [a] } as never);
    const stream = await post(gateway, chatPath, streamBody);
    const text = stream.text();
    const over = new AbortController();
    const statuses: number[] = [];
    const ask = async () => {
      while (!over.signal.aborted) {
        const response = await post(gateway);
        await response.text();
        statuses.push(response.status);
        await sleep(PAUSE_MS);
      }
    };
    const clients = Array.from({ length: CLIENTS }, ask);
    let runtimes = 0;
    for (let time = 1; time <= RELOADS; time++) {
      const change = changes[time % changes.length] as never;
      expect(await gateway.reload(change)).toMatchObject({ result: 'applied' });
      servers[0]?.say(`word ${time}`);
      if (time === 10) runtimes = countRuntimes();
    }
    over.abort();
    await Promise.all(clients);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(statuses.length).toBeGreaterThan(100);
    // The stream's runtime, the one in effect, and one that a turn of the event loop may still hold.
    expect(countRuntimes()).toBeLessThanOrEqual(runtimes + 1);
    servers[0]?.end();
    expect(await text).toMatch(new RegExp(`word 1\\D[^]*word ${RELOADS}\\D[^]*\\[DONE\\]`));
  },
);
