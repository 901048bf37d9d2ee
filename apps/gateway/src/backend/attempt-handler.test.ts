import type { Dispatcher } from 'undici';
import { expect, test, vi } from 'vitest';
import { AttemptHandler } from './attempt-handler.ts';

const content = Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n');

test('of a stream no more than 64 KB is kept once it is judged, until somebody reads it', () => {
  const controller = { pause: vi.fn<() => void>(), resume: () => {}, abort: () => {} };
  const undici = controller as unknown as Dispatcher.DispatchController;
  const settle = vi.fn<() => void>();
  const handler = new AttemptHandler(settle, 'chat/completions', performance.now() + 60_000);
  handler.onResponseStart(undici, 200, { 'content-type': 'text/event-stream' });
  handler.onResponseData(undici, Buffer.alloc(100_000, ':'));
  expect([settle, controller.pause].map((mock) => mock.mock.calls.length)).toEqual([0, 0]);
  handler.onResponseData(undici, Buffer.concat([Buffer.from('\n'), content]));
  expect([settle, controller.pause].map((mock) => mock.mock.calls.length)).toEqual([1, 0]);
  handler.onResponseData(undici, content);
  expect(controller.pause).toHaveBeenCalledOnce();
});
