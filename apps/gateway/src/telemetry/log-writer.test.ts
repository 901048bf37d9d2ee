import { expect, onTestFinished, test, vi } from 'vitest';
import type { Written } from './log-sink.ts';
import { LogWriter } from './log-writer.ts';

/** A reader that can stall and leave. */
class Reader {
  text = '';
  isStalled = false;
  isGone = false;
  #pending: (() => void)[] = [];

  write(bytes: Buffer, done: (error?: Error) => void): void {
    const text = bytes.toString();
    const read = () => {
      if (!this.isGone) this.text += text;
      done(this.isGone ? new Error('EPIPE') : undefined);
    };
    if (this.isStalled) this.#pending.push(read);
    else setImmediate(read);
  }

  readOne(): void {
    this.#pending.shift()?.();
  }

  resume(): void {
    this.isStalled = false;
    for (const read of this.#pending.splice(0)) read();
  }
}

const line = (number: number) => `{"n":${number},"pad":"${'x'.repeat(1000)}"}\n`;

test('every line is written whole and in order', async () => {
  const reader = new Reader();
  const writer = new LogWriter(-1, reader);
  const lines = Array.from({ length: 500 }, (_, index) => line(index));
  for (const one of [...lines, 'ä'.repeat(70_000)]) writer.write(one);
  await writer.flush({ stalledMs: 5000, maxMs: 5000 });
  expect(reader.text).toBe(`${lines.join('')}${'ä'.repeat(70_000)}`);
  expect(writer.droppedLines).toBe(0);
});

test('of a reader that stalls, the lines that were dropped are counted, and told when it reads again', async () => {
  const reader = new Reader();
  const writer = new LogWriter(-1, reader);
  reader.isStalled = true;
  const total = 40_000;
  for (let number = 0; number < total; number++) writer.write(line(number));
  expect(writer.droppedLines).toBeGreaterThan(1000);
  reader.resume();
  await writer.flush({ stalledMs: 5000, maxMs: 5000 });
  const lines = reader.text
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as { n?: number; dropped?: number; msg?: string });
  const told = lines.filter(({ msg }) => msg === 'log lines were dropped');
  expect(told).toMatchObject([{ level: 40, dropped: writer.droppedLines }]);
  expect(lines.filter(({ n }) => n !== undefined)).toHaveLength(total - writer.droppedLines);
});

test('of a reader that is gone every line is counted as dropped', async () => {
  const reader = new Reader();
  const writer = new LogWriter(-1, reader);
  reader.isGone = true;
  for (let number = 0; number < 200; number++) writer.write(line(number));
  await writer.flush({ stalledMs: 5000, maxMs: 5000 });
  expect(writer.droppedLines).toBe(200);
});

test('a line that a full disk has cut is lost alone, and counted: the next ones are whole', async () => {
  let text = '';
  let left = 2500;
  const disk = {
    write(bytes: Buffer, done: Written) {
      const taken = bytes.subarray(0, left);
      text += taken.toString();
      left -= taken.length;
      setImmediate(() => (taken.length < bytes.length ? done(new Error('ENOSPC'), taken.length) : done()));
    },
  };
  const writer = new LogWriter(-1, disk);
  const flush = () => writer.flush({ stalledMs: 5000, maxMs: 5000 });
  for (let number = 0; number < 4; number++) writer.writeLater(line(number));
  await flush();
  expect(writer.droppedLines).toBe(2);
  writer.writeLater(line(4));
  await flush();
  expect(writer.droppedLines).toBe(3);
  left = 100_000;
  writer.writeLater(line(5));
  await flush();
  const [, , cut = '', ...after] = text.trim().split('\n');
  expect(text.startsWith(line(0) + line(1) + cut)).toBe(true);
  expect(line(2).startsWith(cut)).toBe(true);
  expect(`${after[0]}\n`).toBe(line(5));
  expect(JSON.parse(after[1] ?? '')).toMatchObject({ dropped: 3, msg: 'log lines were dropped' });
});

test('a flush of which nothing is written ends', async () => {
  const reader = new Reader();
  const writer = new LogWriter(-1, reader);
  reader.isStalled = true;
  writer.write(line(1));
  await writer.flush({ stalledMs: 10, maxMs: 5000 });
  expect(reader.text).toBe('');
});

test('a flush whose lines are written slowly goes on, but not for ever', async () => {
  const reader = new Reader();
  const writer = new LogWriter(-1, reader);
  reader.isStalled = true;
  const reads = setInterval(() => reader.readOne(), 20);
  onTestFinished(() => clearInterval(reads));
  for (let number = 0; number < 500; number++) writer.write(line(number));
  await writer.flush({ stalledMs: 4000, maxMs: 60_000 });
  expect(reader.text.split('\n')).toHaveLength(501);
  for (let number = 0; number < 5000; number++) writer.write(line(number));
  await writer.flush({ stalledMs: 4000, maxMs: 50 });
  expect(reader.text.split('\n').length).toBeLessThan(5501);
});

test('a line that somebody may wait for is written at once, with those of requests before it', async () => {
  // No write depends on the passing of time.
  vi.useFakeTimers({ toFake: ['setInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const reader = new Reader();
  const writer = new LogWriter(-1, reader);
  writer.writeLater(line(1));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(reader.text).toBe('');
  writer.write(line(2));
  await expect.poll(() => reader.text, { interval: 1 }).toBe(line(1) + line(2));
});

test('lines that come one by one while a reader stalls are kept as those that come together', async () => {
  const reader = new Reader();
  const writer = new LogWriter(-1, reader);
  reader.isStalled = true;
  const lines = Array.from({ length: 2000 }, (_, index) => line(index));
  for (const one of lines) {
    writer.write(one);
    await new Promise((resolve) => setImmediate(resolve));
  }
  reader.resume();
  await writer.flush({ stalledMs: 5000, maxMs: 5000 });
  expect(writer.droppedLines).toBe(0);
  expect(reader.text).toBe(lines.join(''));
});
