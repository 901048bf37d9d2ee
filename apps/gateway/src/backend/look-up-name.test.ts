import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { createLookUp } from './look-up-name.ts';

type Answer = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

const OLD = [{ address: '10.0.0.1', family: 4 }];
const NEW = [
  { address: '10.0.0.2', family: 4 },
  { address: 'fd00::2', family: 6 },
];

/** A system that is asked for names, and answers when it is told to. */
function startSystem() {
  const asked: { readonly name: string; readonly answer: Answer }[] = [];
  const lookUp = createLookUp((name, _options, answer) => void asked.push({ name, answer }));
  return { asked, resolve: (name: string, all = true) => resolve(lookUp, name, all) };
}

function resolve(lookUp: LookupFunction, name: string, all: boolean): Promise<unknown> {
  return new Promise((done, reject) => {
    lookUp(name, { all }, (error, addresses) => (error === null ? done(addresses) : reject(error)));
  });
}

const errorOf = (code: string) => Object.assign(new Error(code), { code });

test('a name is asked for once at a time, however many connections want it, and each name by itself', async () => {
  const { asked, resolve } = startSystem();
  const both = [resolve('a.test'), resolve('a.test', false)];
  const other = resolve('b.test');
  expect(asked.map(({ name }) => name)).toEqual(['a.test', 'b.test']);
  asked[0]!.answer(null, NEW);
  expect(await Promise.all(both)).toEqual([NEW, '10.0.0.2']);
  const next = resolve('a.test');
  asked[2]!.answer(null, OLD);
  asked[1]!.answer(null, OLD);
  expect(await Promise.all([next, other])).toEqual([OLD, OLD]);
});

test('a name that gets no answer has the addresses that it had before, until there is one', async () => {
  const { asked, resolve } = startSystem();
  const first = resolve('a.test');
  asked[0]!.answer(null, OLD);
  await first;
  expect(await resolve('a.test')).toEqual(OLD);
  expect(await resolve('a.test')).toEqual(OLD);
  expect(asked).toHaveLength(2);
  asked[1]!.answer(null, NEW);
  const next = resolve('a.test');
  asked[2]!.answer(null, NEW);
  expect(await next).toEqual(NEW);
});

test('a name that is to be asked for later has the addresses that it had before, but one that is gone has none', async () => {
  const { asked, resolve } = startSystem();
  const unknown = resolve('a.test');
  asked[0]!.answer(errorOf('EAI_AGAIN'), []);
  await expect(unknown).rejects.toMatchObject({ code: 'EAI_AGAIN' });
  const known = resolve('a.test');
  asked[1]!.answer(null, OLD);
  await known;
  const later = resolve('a.test');
  asked[2]!.answer(errorOf('EAI_AGAIN'), []);
  expect(await later).toEqual(OLD);
  const gone = resolve('a.test');
  asked[3]!.answer(errorOf('ENOTFOUND'), []);
  await expect(gone).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('a name without an address is not known', async () => {
  const { asked, resolve } = startSystem();
  const both = [resolve('a.test'), resolve('a.test', false)].map((one) =>
    one.catch((error: unknown) => error),
  );
  asked[0]!.answer(null, []);
  expect(await Promise.all(both)).toMatchObject([{ code: 'ENOTFOUND' }, { code: 'ENOTFOUND' }]);
});
