import { describe, expect, test } from 'vitest';
import { RequestContent } from '../route/request-content.ts';
import { type AskForOwner, findOwner, type Referring } from './find-owner.ts';
import type { OwnerStore } from './owner-store.ts';

/** A store that takes its time, as one that is shared would. */
class RemoteOwners implements OwnerStore {
  readonly known: Map<string, string>;

  constructor(known: Readonly<Record<string, string>>) {
    this.known = new Map(Object.entries(known));
  }

  ownerOf(id: string): Promise<string | undefined> {
    return Promise.resolve(this.known.get(id));
  }

  remember(id: string, owner: string): void {
    this.known.set(id, owner);
  }

  forget(id: string): void {
    this.known.delete(id);
  }
}

const abandoned = { kind: 'ended', verdict: { kind: 'abandoned', attempts: [] } } as const;

/** Finds the owner of what a request refers to, and says whom it asked for. Backends are `a` and `b`. */
async function find(
  operation: string,
  body: unknown,
  {
    known = {},
    at = {},
    method = 'POST',
  }: Partial<Record<'known' | 'at', Record<string, string>>> & { method?: string } = {},
) {
  const asked: string[] = [];
  const ask: AskForOwner<never, never> = ({ collection, id }) => {
    asked.push(`${collection}/${id}`);
    const owner = at[id];
    if (owner === 'gone') return Promise.resolve(abandoned);
    return Promise.resolve(owner === undefined ? undefined : { kind: 'owned', owner });
  };
  const content = new RequestContent(operation, Buffer.from(JSON.stringify(body)));
  const request: Referring = { method, operation, content };
  const owners = new RemoteOwners(known);
  const finding = await findOwner(request, owners, (name) => name === 'a' || name === 'b', ask);
  return { finding, asked, known: Object.fromEntries(owners.known) };
}

const both = { previous_response_id: 'r', conversation: 'c' };

describe('of several objects', () => {
  test('the one in the path counts before those in the body', async () => {
    const known = { thread: 'a', asst: 'b' };
    const { finding } = await find('threads/thread/runs', { assistant_id: 'asst' }, { known });
    expect(finding).toEqual({ kind: 'owned', owner: 'a' });
  });

  test('the first in the body counts', async () => {
    const { finding } = await find('responses', both, { known: { c: 'a', r: 'b' } });
    expect(finding).toEqual({ kind: 'owned', owner: 'b' });
  });

  test('one that is known counts before one that would have to be asked for', async () => {
    const { finding, asked } = await find('responses', both, { known: { c: 'a' } });
    expect({ finding, asked }).toEqual({ finding: { kind: 'owned', owner: 'a' }, asked: [] });
  });

  test('each is asked for until one is found, which is remembered', async () => {
    const { finding, asked, known } = await find('responses', both, { at: { c: 'b' } });
    expect(finding).toEqual({ kind: 'owned', owner: 'b' });
    expect(asked).toEqual(['responses/r', 'conversations/c']);
    expect(known).toEqual({ c: 'b' });
  });

  test('only the one in the path is asked for when there is one', async () => {
    const { finding, asked } = await find(
      'threads/thread/runs',
      { assistant_id: 'asst' },
      { at: { asst: 'a' } },
    );
    expect({ finding, asked }).toEqual({ finding: { kind: 'free' }, asked: ['threads/thread'] });
  });
});

test('an owner that is no backend any more is forgotten, and the object asked for', async () => {
  const { finding, asked, known } = await find('responses', both, {
    known: { r: 'removed' },
    at: { r: 'a' },
  });
  expect(finding).toEqual({ kind: 'owned', owner: 'a' });
  expect(asked).toEqual(['responses/r']);
  expect(known).toEqual({ r: 'a' });
});

test('a request ends when the question did', async () => {
  const { finding, asked } = await find('responses', both, { at: { r: 'gone', c: 'a' } });
  expect({ finding, asked }).toEqual({ finding: abandoned, asked: ['responses/r'] });
});

test('what nobody can be asked for is not asked for', async () => {
  const { finding, asked } = await find('responses', { input: [{ type: 'item_reference', id: 'msg_1' }] });
  expect({ finding, asked }).toEqual({ finding: { kind: 'free' }, asked: [] });
});

test.each([
  ['GET', 'files/f', 'lookup'],
  ['HEAD', 'files/f/content', 'lookup'],
  ['GET', 'files', 'free'],
])('a %s of %s asks nobody first: %s', async (method, operation, kind) => {
  const { finding, asked } = await find(operation, {}, { method });
  expect({ finding, asked }).toEqual({ finding: { kind }, asked: [] });
});
