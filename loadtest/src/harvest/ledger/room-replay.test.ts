import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RoomReplay, type Rates } from './room-replay.ts';

const rates: Rates = { tokens: 100, tokenWindowMs: 60, requests: 3, requestWindowMs: 10 };
const taken = (judgedAtMs: number, tokens: number, fromMs = judgedAtMs) => ({ tokens, judgedAtMs, fromMs });

test.each([
  ['nothing is charged yet', [], 100, 0, true],
  ['it is more than the whole quota', [], 101, 0, false],
  ['what is left is exactly enough', [taken(0, 60)], 40, 5, true],
  ['what is left is a token short', [taken(0, 60)], 41, 5, false],
  ['something is charged at that moment', [taken(5, 60)], 41, 5, false],
  ['tokens are not back yet', [taken(0, 60)], 41, 59, false],
  ['tokens are back exactly then', [taken(0, 60)], 41, 60, true],
  ['the requests are used up', [taken(0, 1), taken(1, 1), taken(2, 1)], 1, 9, false],
  ['a request is back exactly then', [taken(0, 1), taken(1, 1), taken(2, 1)], 1, 10, true],
  ['a charge counts from before it was judged', [taken(20, 60, 15)], 41, 15, false],
  ['a charge does not count yet', [taken(20, 60, 15)], 41, 14, true],
])('room for a request when %s', (_case, charges, tokens, atMs, expected) => {
  expect(new RoomReplay(charges, rates).hasRoomAt(tokens, atMs)).toBe(expected);
});

test('of the request that arrives at a moment its own charge does not count', () => {
  const replay = new RoomReplay([taken(0, 60), taken(5, 40)], rates);
  expect(replay.hadRoomOnArrival(40, 5)).toBe(true);
  expect(replay.hadRoomOnArrival(41, 5)).toBe(false);
});

test('room that has just come back is not there yet for those who hear of it later, and what is taken is gone', () => {
  const replay = new RoomReplay([taken(0, 60), taken(70, 30)], rates);
  expect(replay.hadRoomFor(10, 41, 69)).toBe(false);
  expect(replay.hadRoomFor(9, 41, 69)).toBe(true);
  expect(replay.hadRoomFor(10, 71, 70)).toBe(false);
  expect(replay.hadRoomFor(10, 70, 70)).toBe(true);
});

test('the first room of a stretch is where enough is back', () => {
  const replay = new RoomReplay([taken(0, 50), taken(20, 50)], rates);
  expect(replay.firstRoom(50, 25, 100)).toBe(60);
  expect(replay.firstRoom(51, 25, 100)).toBe(80);
  expect(replay.firstRoom(51, 25, 79)).toBeUndefined();
  expect(replay.firstRoom(50, 65, 100)).toBe(65);
});

test('each time that room comes back is an opening', () => {
  const replay = new RoomReplay([taken(0, 95), taken(60, 95)], rates);
  expect(replay.openings(10, 1, 200)).toEqual([120]);
  expect(replay.openings(5, 1, 200)).toEqual([]);
});

const someCharges = fc.array(fc.record({ atMs: fc.nat(300), tokens: fc.integer({ min: 1, max: 60 }) }));

test('at any moment there is room as a sum over all charges says', () => {
  fc.assert(
    fc.property(someCharges, fc.nat(400), fc.integer({ min: 1, max: 100 }), (made, atMs, tokens) => {
      const replay = new RoomReplay(
        made.map((charge) => taken(charge.atMs, charge.tokens)),
        rates,
      );
      const within = (windowMs: number) =>
        made.filter((charge) => charge.atMs <= atMs && charge.atMs + windowMs > atMs);
      const used = within(60).reduce((sum, charge) => sum + charge.tokens, 0);
      expect(replay.hasRoomAt(tokens, atMs)).toBe(used + tokens <= 100 && within(10).length < 3);
    }),
  );
});

test('there had been room for a while only if there is at each moment of it', () => {
  fc.assert(
    fc.property(
      someCharges,
      fc.tuple(fc.nat(300), fc.nat(40)),
      fc.integer({ min: 1, max: 100 }),
      (made, [fromMs, lengthMs], tokens) => {
        const replay = new RoomReplay(
          made.map((charge) => taken(charge.atMs, charge.tokens)),
          rates,
        );
        const moments = Array.from({ length: lengthMs + 1 }, (_, index) => fromMs + index);
        const hasRoom = (atMs: number) => replay.hasRoomAt(tokens, atMs);
        const hadRoom = replay.hadRoomFor(lengthMs, tokens, fromMs + lengthMs);
        expect(!hadRoom || moments.every(hasRoom)).toBe(true);
        expect(replay.firstRoom(tokens, fromMs, fromMs + lengthMs)).toBe(moments.find(hasRoom));
      },
    ),
  );
});
