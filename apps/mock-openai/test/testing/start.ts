import { afterEach } from 'vitest';
import { startMock } from '../../src/start-mock.ts';
import type { Mock } from '../../src/mock.ts';
import type { MockOptions } from '../../src/options/options.ts';

const running: Mock[] = [];

/** Starts a mock that stops when the test is over. */
export async function start(options: MockOptions = {}): Promise<Mock> {
  const mock = await startMock(options);
  running.push(mock);
  return mock;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((mock) => mock.stop()));
});
