import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { expect, onTestFinished, test } from 'vitest';
import { availableMemoryBytes, MemoryMeter } from './memory-meter.ts';

const heapLimit = getHeapStatistics().heap_size_limit;

test.each([
  [0.89, 0, false],
  [0.91, 0, true],
  [0, 0.89, false],
  [0, 0.91, true],
])(
  'with %d of the memory and %d of the heap in use it is nearly full: %s',
  (resident, heap, isNearlyFull) => {
    const use = { residentBytes: resident * 1000, heapBytes: heap * heapLimit };
    const meter = new MemoryMeter(1000, () => use);
    onTestFinished(() => meter.stop());
    meter.look();
    expect(meter.isNearlyFull).toBe(isNearlyFull);
    Object.assign(use, { residentBytes: 0, heapBytes: 0 });
    meter.look();
    expect(meter.isNearlyFull).toBe(false);
  },
);

test('a process may use no more than the machine has', () => {
  expect(availableMemoryBytes()).toBeLessThanOrEqual(totalmem());
  expect(availableMemoryBytes()).toBeGreaterThan(0);
});
