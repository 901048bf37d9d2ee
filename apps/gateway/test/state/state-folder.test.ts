import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Counted, startFolder, stopped, temporaryFolder } from './counted.ts';

const filesIn = (folder: string) => readdirSync(folder).toSorted();

test('what was counted is there again after a stop, in files that nobody else may read', async () => {
  const folder = temporaryFolder();
  await stopped(startFolder(folder, new Counted({ chat: 5 })));
  expect(filesIn(folder)).toEqual(expect.arrayContaining(['budgets.json', 'objects.jsonl']));
  expect(filesIn(folder)).not.toContain('lock');
  for (const name of filesIn(folder)) expect(statSync(`${folder}/${name}`).mode & 0o777).toBe(0o600);
  const again = new Counted();
  await stopped(startFolder(folder, again));
  expect(again.counts).toEqual({ chat: 5 });
});

test('the folder is made, with those above it', async () => {
  const folder = `${temporaryFolder()}/var/lib/spillway`;
  await stopped(startFolder(folder, new Counted({ chat: 5 })));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

function hashed(text: string): string {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return `${JSON.stringify({ spillway: 1, sha256 })}\n${text}\n`;
}

test('a folder that can never be made is said, and not tried without an end', async () => {
  const running = startFolder('/proc/self/spillway/state', new Counted());
  await running.started;
  const { reason } = await running.log.line('the state cannot be kept; serving goes on');
  expect(reason).toContain('mkdir');
});

/** Writes 5, then 7. */
async function writeTwice(folder: string): Promise<void> {
  await stopped(startFolder(folder, new Counted({ chat: 5 })));
  const second = new Counted();
  const running = startFolder(folder, second);
  await running.started;
  second.counts = { chat: 7 };
  await running.stop();
}

test.each<[string, (file: string) => void]>([
  ['full of zeros', (file) => writeFileSync(file, Buffer.alloc(statSync(file).size))],
  ['cut off', (file) => truncateSync(file, statSync(file).size - 10)],
  ['empty', (file) => truncateSync(file, 0)],
  ['no JSON', (file) => writeFileSync(file, 'Hello\nWorld\n')],
  ['JSON of something else', (file) => writeFileSync(file, 'null\n{}\n')],
  ['no JSON, with a hash that fits', (file) => writeFileSync(file, hashed('{"chat":NaN}'))],
  ['changed in one place', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('7', '9'))],
])('a file that is %s is set aside, the one before it counts, and the log names both', async (_, spoil) => {
  const folder = temporaryFolder();
  await writeTwice(folder);
  const file = `${folder}/budgets.json`;
  spoil(file);
  const spoilt = readFileSync(file);
  const again = new Counted();
  const running = startFolder(folder, again);
  await running.started;
  expect(again.counts).toEqual({ chat: 5 });
  const { aside } = await running.log.line('a file of the state is damaged');
  expect(readFileSync(String(aside))).toEqual(spoilt);
  await running.stop();
  expect(JSON.parse(readFileSync(file, 'utf8').split('\n')[1]!)).toEqual({ chat: 5 });
});

test('a file whose copies are all damaged is begun anew', async () => {
  const folder = temporaryFolder();
  await writeTwice(folder);
  for (const name of ['budgets.json', 'budgets.previous.json']) writeFileSync(`${folder}/${name}`, '\0\0');
  const again = new Counted();
  await stopped(startFolder(folder, again));
  expect(again.counts).toEqual({});
  expect(filesIn(folder).filter((name) => name.includes('damaged'))).toHaveLength(2);
});

test('a process that was killed between the two renames has lost nothing', async () => {
  const folder = temporaryFolder();
  await writeTwice(folder);
  const whole = readFileSync(`${folder}/budgets.json`);

  rmSync(`${folder}/budgets.json`);
  writeFileSync(`${folder}/budgets.unfinished.json`, whole);
  const again = new Counted();
  await stopped(startFolder(folder, again));
  expect(again.counts).toEqual({ chat: 7 });
});

test('a file of a newer version is set aside, so that the newer version finds it again', async () => {
  const folder = temporaryFolder();
  const newer = '{"spillway":2}\n{"all":"different"}\n';
  for (const name of ['budgets.json', 'objects.jsonl', 'usage-2026-11-30.json'])
    writeFileSync(`${folder}/${name}`, newer);
  await stopped(startFolder(folder, new Counted({ chat: 5 })));
  const aside = filesIn(folder).filter((name) => name.includes('.newer-'));
  expect(aside.map((name) => readFileSync(`${folder}/${name}`, 'utf8'))).toEqual([newer, newer, newer]);
});

test('a folder that cannot be written is said once, and written as soon as it can be', async () => {
  const place = `${temporaryFolder()}/state`;
  writeFileSync(place, 'in the way');
  const counted = new Counted({ chat: 5 });
  const running = startFolder(place, counted);
  await running.started;
  const { reason } = await running.log.line('the state cannot be kept; serving goes on');
  expect(reason).toMatch(/EEXIST|ENOTDIR/);

  rmSync(place);
  await running.log.line('the state is kept again');
  await running.stop();
  expect(running.log.lines.filter(({ level }) => level === 40)).toHaveLength(1);
  const again = new Counted();
  await stopped(startFolder(place, again));
  expect(again.counts).toEqual({ chat: 5 });
});

test('of two with one folder the second reads and does not write, and adds its own when the first has ended', async () => {
  const folder = temporaryFolder();
  await stopped(startFolder(folder, new Counted({ chat: 5 })));
  const first = new Counted();
  const second = new Counted();
  const one = startFolder(folder, first);
  await one.started;
  const two = startFolder(folder, second);
  await two.started;
  expect([first.counts, second.counts]).toEqual([{ chat: 5 }, { chat: 5 }]);
  await two.log.line('another process writes the state; this one only reads it');
  first.add('chat', 10);
  second.add('chat', 100);
  second.add('nightly', 1);
  await one.stop();
  await two.log.line('this process writes the state now');
  expect(second.counts).toEqual({ chat: 115, nightly: 1 });
  await two.stop();
  const third = new Counted();
  await stopped(startFolder(folder, third));
  expect(third.counts).toEqual({ chat: 115, nightly: 1 });
});

test('a holder that moves no more is succeeded, also by one that is just about to stop', async () => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/lock`, 'somebody 7\n');
  const counted = new Counted();
  const running = startFolder(folder, counted);
  await running.started;
  counted.add('chat', 3);
  await running.stop();
  const again = new Counted();
  await stopped(startFolder(folder, again));
  expect(again.counts).toEqual({ chat: 3 });
});

test('whoever has lost the lock stops writing, and takes nothing twice when it has it again', async () => {
  const folder = temporaryFolder();
  const counted = new Counted({ chat: 5 });
  const running = startFolder(folder, counted);
  await running.started;
  await expect.poll(() => filesIn(folder)).toContain('budgets.json');
  writeFileSync(`${folder}/lock`, 'somebody 7\n');
  await running.log.line('another process writes the state; this one only reads it');
  counted.add('chat', 1);
  await running.log.line('this process writes the state now');
  expect(counted.counts).toEqual({ chat: 6 });
  await running.stop();
});
