import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EmbeddedOwners } from './owner-store.ts';

class Clock {
  nowMs = 0;
  readonly owners: EmbeddedOwners;

  constructor(maxEntries = 3, ttlMs = 100) {
    this.owners = new EmbeddedOwners({ maxEntries, ttlMs }, () => this.nowMs);
  }
}

test('an object has no owner until one is remembered, and none once it is forgotten', () => {
  const { owners } = new Clock();
  expect(owners.ownerOf('x')).toBeUndefined();
  owners.remember('x', 'a');
  expect(owners.ownerOf('x')).toBe('a');
  owners.forget('x');
  expect(owners.ownerOf('x')).toBeUndefined();
  owners.forget('x');
});

test('an object keeps its owner whoever else is said to have it, until it is forgotten', () => {
  const { owners } = new Clock();
  owners.remember('x', 'a');
  owners.remember('x', 'b');
  expect(owners.ownerOf('x')).toBe('a');
  owners.forget('x');
  owners.remember('x', 'b');
  expect(owners.ownerOf('x')).toBe('b');
});

test('an object is forgotten when nothing was heard of it for long enough, and takes no room then', () => {
  const clock = new Clock();
  clock.owners.remember('x', 'a');
  clock.nowMs = 99;
  expect(clock.owners.ownerOf('x')).toBe('a');
  clock.owners.remember('x', 'b');
  clock.nowMs = 198;
  expect(clock.owners.ownerOf('x')).toBe('a');
  clock.nowMs = 199;
  expect(clock.owners.ownerOf('x')).toBeUndefined();
  expect(clock.owners.size).toBe(0);
  clock.owners.remember('x', 'b');
  expect(clock.owners.ownerOf('x')).toBe('b');
});

test('an object makes room when there are too many, if it is the one that nothing was heard of for longest', () => {
  const { owners } = new Clock();
  for (const id of ['x', 'y', 'z', 'x', 'new']) owners.remember(id, 'a');
  expect(['x', 'y', 'z', 'new'].map((id) => owners.ownerOf(id))).toEqual(['a', undefined, 'a', 'a']);
  expect(owners.size).toBe(3);
});

test('remembers what a list of all that was said would tell, and never more than the most', () => {
  const step = fc.record({
    does: fc.constantFrom('remember', 'forget', 'ask'),
    id: fc.constantFrom('v', 'w', 'x', 'y', 'z'),
    owner: fc.constantFrom('a', 'b'),
    elapsedMs: fc.nat(40),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (steps, most) => {
      const clock = new Clock(most);
      let said: { id: string; owner: string; atMs: number }[] = [];
      for (const { does, id, owner, elapsedMs } of steps) {
        clock.nowMs += elapsedMs;
        const known = said.find((entry) => entry.id === id && entry.atMs + 100 > clock.nowMs)?.owner;
        const answered = does === 'ask' ? clock.owners.ownerOf(id) : clock.owners[does](id, owner);
        expect(answered).toBe(does === 'ask' ? known : undefined);
        if (does === 'ask' && known !== undefined) continue;
        said = said.filter((entry) => entry.id !== id);
        if (does === 'remember') said.push({ id, owner: known ?? owner, atMs: clock.nowMs });
        said = said.slice(-most);
        expect(clock.owners.size).toBeLessThanOrEqual(most);
      }
    }),
  );
});

test('what changes is told, of what is only heard of again now and then, and of nothing that was never known', () => {
  const clock = new Clock(3, 300);
  const told: unknown[] = [];
  clock.owners.onChange = (id, known) => told.push([id, known?.owner, known?.client, known?.leftMs]);
  clock.owners.remember('x', 'a', 'chat');
  clock.nowMs = 9;
  clock.owners.remember('x', 'b', 'other');
  clock.nowMs = 10;
  clock.owners.remember('x', 'a');
  clock.owners.remember('y', 'a');
  clock.owners.remember('y', 'a', 'chat');
  clock.owners.forget('x');
  clock.owners.forget('z');
  expect(told).toEqual([
    ['x', 'a', 'chat', 300],
    ['x', 'a', 'chat', 300],
    ['y', 'a', undefined, 300],
    ['y', 'a', 'chat', 300],
    ['x', undefined, undefined, undefined],
  ]);
});

test('what was known before a restart is known again, for as long as it was to be, and no longer than it may', () => {
  const before = new Clock();
  before.owners.remember('x', 'a', 'chat');
  before.nowMs = 60;
  const after = new Clock(3, 100);
  after.owners.remember('y', 'b');
  for (const [id, known] of before.owners.known()) after.owners.restore(id, known);
  after.owners.restore('y', { owner: 'a', client: undefined, leftMs: 50 });
  after.owners.restore('z', { owner: 'a', client: undefined, leftMs: 1e9 });
  after.owners.restore('gone', { owner: 'a', client: undefined, leftMs: 0 });
  after.nowMs = 39;
  const owners = () => ['x', 'y', 'z', 'gone'].map((id) => after.owners.ownerOf(id));
  expect([owners(), after.owners.clientOf('x')]).toEqual([['a', 'b', 'a', undefined], 'chat']);
  after.nowMs = 40;
  expect(owners()).toEqual([undefined, 'b', 'a', undefined]);
  after.nowMs = 100;
  expect(owners()).toEqual([undefined, undefined, undefined, undefined]);
});

test('a client that makes objects without end drives out its own, and nobody else’s', () => {
  const { owners } = new Clock(10);
  for (const id of ['x1', 'x2']) owners.remember(id, 'a', 'modest');
  owners.remember('y1', 'a');
  for (let count = 0; count < 1000; count++) owners.remember(`z${count}`, 'a', 'greedy');
  expect(owners.size).toBe(10);
  expect(['x1', 'x2', 'y1', 'z999', 'z993', 'z992'].map((id) => owners.ownerOf(id))).toEqual([
    'a',
    'a',
    'a',
    'a',
    'a',
    undefined,
  ]);
  owners.configure({ maxEntries: 5, ttlMs: 100 });
  expect(['x1', 'x2', 'y1', 'z999'].map((id) => owners.clientOf(id))).toEqual([
    'modest',
    'modest',
    undefined,
    'greedy',
  ]);
  expect(owners.size).toBe(5);
});
