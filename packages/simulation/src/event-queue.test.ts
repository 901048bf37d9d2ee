import { array, assert, integer, nat, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.ts';

/** Events are added at these times, and in between this many are taken. */
const steps = array(record({ atMs: integer({ min: 0, max: 20 }), take: nat(2) }), { maxLength: 100 });

test('events come in the order of their times, and those of one time as they were added', () => {
  assert(
    property(steps, (all) => {
      const queue = new EventQueue();
      let waiting: { atMs: number; event: number }[] = [];
      for (const [event, { atMs, take }] of all.entries()) {
        queue.add(atMs, event);
        waiting = [...waiting, { atMs, event }].sort((a, b) => a.atMs - b.atMs);
        for (const next of waiting.splice(0, take))
          expect({ event: queue.take(), atMs: queue.nowMs }).toEqual(next);
        expect(queue.size).toBe(waiting.length);
      }
    }),
  );
});

test('the event queue takes more events than it had room for at first', () => {
  const queue = new EventQueue();
  for (let event = 0; event < 5000; event++) queue.add(5000 - event, event);
  const taken = Array.from({ length: 5000 }, () => queue.take());
  expect(taken).toEqual(Array.from({ length: 5000 }, (_, index) => 4999 - index));
});
