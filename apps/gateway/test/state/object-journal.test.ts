import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Counted, createOwners, startFolder, stopped, temporaryFolder } from './counted.ts';

const start = (folder: string, owners = createOwners()) => startFolder(folder, new Counted(), owners);
const linesOf = (folder: string) => readFileSync(`${folder}/objects.jsonl`, 'utf8').trimEnd().split('\n');

const lineOf = (id: string, leftMs: number) => JSON.stringify({ id, owner: 'a', until: Date.now() + leftMs });

/** Writes the objects with these ids, and ends. */
async function writeObjects(folder: string, ids: readonly string[]): Promise<void> {
  const running = start(folder);
  await running.started;
  for (const id of ids) running.owners.remember(id, 'a', 'chat');
  await running.stop();
}

test('objects are known again after a restart, with their clients, and those that are gone stay so', async () => {
  const folder = temporaryFolder();
  await writeObjects(folder, ['file-1', 'file-2', 'file-3']);
  const running = start(folder);
  await running.started;
  running.owners.forget('file-2');
  running.owners.remember('resp_4', 'b');
  await running.stop();
  const { owners } = await stopped(start(folder));
  const known = ['file-1', 'file-2', 'file-3', 'resp_4'].map((id) => [
    owners.ownerOf(id),
    owners.clientOf(id),
  ]);
  expect(known).toEqual([
    ['a', 'chat'],
    [undefined, undefined],
    ['a', 'chat'],
    ['b', undefined],
  ]);
});

test('a journal grows by what is new, and is written anew when most of it is no longer so', async () => {
  const folder = temporaryFolder();
  const running = start(folder, createOwners(10));
  await running.started;
  await expect.poll(() => linesOf(folder)).toHaveLength(1);
  running.owners.remember('file-1', 'a');
  await expect.poll(() => linesOf(folder)).toHaveLength(2);
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 9000; count++) running.owners.remember(`file-${round}-${count}`, 'a');
    await expect.poll(() => linesOf(folder).some((line) => line.includes(`"file-${round}-8999"`))).toBe(true);
  }
  await running.stop();
  expect(linesOf(folder).length).toBeLessThan(10_030);
  const { owners } = await stopped(start(folder));
  expect(owners.size).toBe(10);
});

test('objects are forgotten by the clock of the wall, however long the process was away', async () => {
  const folder = temporaryFolder();
  writeFileSync(
    `${folder}/objects.jsonl`,
    `{"spillway":1}\n${lineOf('old', -1)}\n${lineOf('new', 60_000)}\n`,
  );
  const { owners } = await stopped(start(folder));
  expect([owners.ownerOf('old'), owners.ownerOf('new')]).toEqual([undefined, 'a']);
});

test('a last line that was not written whole is no damage', async () => {
  const folder = temporaryFolder();
  await writeObjects(folder, ['file-1', 'file-2']);
  appendFileSync(`${folder}/objects.jsonl`, '{"id":"file-3","own');
  const { owners, log } = await stopped(start(folder));
  expect([owners.ownerOf('file-1'), owners.ownerOf('file-2'), owners.size]).toEqual(['a', 'a', 2]);
  expect(log.lines).toEqual([]);
});

test.each<[string, (file: string) => void]>([
  [
    'has zeros in it',
    (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('"file-2"', '\0\0\0')),
  ],
  ['is all zeros', (file) => writeFileSync(file, Buffer.alloc(statSync(file).size))],
  ['is empty', (file) => truncateSync(file, 0)],
  [
    'has no first line',
    (file) => writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(1).join('\n')),
  ],
])(
  'a journal that %s is set aside, and whatever is whole of it and of the one before counts',
  async (_, spoil) => {
    const folder = temporaryFolder();
    await writeObjects(folder, ['file-1', 'file-2']);
    await writeObjects(folder, ['file-3']);
    spoil(`${folder}/objects.jsonl`);
    const { owners, log } = await stopped(start(folder));
    expect([owners.ownerOf('file-1'), owners.ownerOf('file-2')]).toEqual(['a', 'a']);
    const { file, aside } = await log.line('a file of the state is damaged');
    expect(file).toBe(`${folder}/objects.jsonl`);
    expect(statSync(String(aside)).isFile()).toBe(true);
    const again = await stopped(start(folder));
    expect(again.owners.ownerOf('file-1')).toBe('a');
    expect(again.log.lines).toEqual([]);
  },
);

test('a hundred thousand objects are read and written while others get their turn', async () => {
  const folder = temporaryFolder();
  const owners = createOwners(200_000);
  for (let count = 0; count < 100_000; count++) owners.remember(`file-${count}`, 'a', 'chat');
  const turns = { count: 0 };
  const timer = setInterval(() => turns.count++, 1);
  await stopped(start(folder, owners));
  clearInterval(timer);
  expect(turns.count).toBeGreaterThan(10);
  const again = createOwners(200_000);
  await stopped(start(folder, again));
  expect(again.size).toBe(100_000);
});
