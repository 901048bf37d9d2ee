import { onTestFinished } from 'vitest';
import { startMock } from '../../src/start-mock.ts';
import type { Mock } from '../../src/mock.ts';
import type { MockOptions } from '../../src/options/options.ts';

/** Starts a mock that stops when the test is over. */
export async function start(options: MockOptions = {}): Promise<Mock> {
  const mock = await startMock(options);
  onTestFinished(() => mock.stop());
  return mock;
}
