import { expect, test } from 'vitest';
import { RequestContent } from '../route/request-content.ts';
import { type AskForOwner, findOwner, type Referring } from './find-owner.ts';
import type { OwnerStore } from './owner-store.ts';

/** A store that answers asynchronously, as a shared one would. */
class RemoteOwners implements OwnerStore {
  readonly known: Map<string, string>;

  constructor(known: Readonly<Record<string, string>>) {
    this.known = new Map(Object.entries(known));
  }

  ownerOf(id: string): Promise<string | undefined> {
    return Promise.resolve(this.known.get(id));
  }

  clientOf(): undefined {}

  remember(id: string, owner: string): void {
    this.known.set(id, owner);
  }

  forget(id: string): void {
    this.known.delete(id);
  }
}

const unavailable = {
  kind: 'ended',
  verdict: { kind: 'exhausted', cause: 'unavailable', recoveryMs: 0, attempts: [] },
} as const;
const abandoned = { kind: 'ended', verdict: { kind: 'abandoned', attempts: [] } } as const;

/** Finds the owner for a request, and returns which backends were asked. Backends are `a` and `b`. */
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
    if (owner === 'down') return Promise.resolve(unavailable);
    if (owner === 'gone') return Promise.resolve(abandoned);
    return Promise.resolve(owner === undefined ? undefined : { kind: 'owned', owner });
  };
  const content = new RequestContent(operation, Buffer.from(JSON.stringify(body)));
  const request: Referring = { method, operation, path: `/openai/v1/${operation}`, content };
  const owners = new RemoteOwners(known);
  const finding = await findOwner(request, owners, (name) => name === 'a' || name === 'b', ask);
  return { finding, asked, known: Object.fromEntries(owners.known) };
}

const both = { previous_response_id: 'resp_r', conversation: 'conv_c' };

test('of several objects, the one in the path counts before those in the body', async () => {
  const known = { thread_1: 'a', asst_1: 'b' };
  const { finding } = await find('threads/thread_1/runs', { assistant_id: 'asst_1' }, { known });
  expect(finding).toEqual({ kind: 'owned', owner: 'a' });
});

test('of several objects, the first in the body counts', async () => {
  const { finding } = await find('responses', both, { known: { conv_c: 'a', resp_r: 'b' } });
  expect(finding).toEqual({ kind: 'owned', owner: 'b' });
});

test('of several objects, one that is known counts before one that would have to be asked for', async () => {
  const { finding, asked } = await find('responses', both, { known: { conv_c: 'a' } });
  expect({ finding, asked }).toEqual({ finding: { kind: 'owned', owner: 'a' }, asked: [] });
});

test('of several objects, each is asked for until one is found, which is remembered', async () => {
  const { finding, asked, known } = await find('responses', both, { at: { conv_c: 'b' } });
  expect(finding).toEqual({ kind: 'owned', owner: 'b' });
  expect(asked).toEqual(['responses/resp_r', 'conversations/conv_c']);
  expect(known).toEqual({ conv_c: 'b' });
});

test('of several objects, only the one in the path is asked for when there is one', async () => {
  const { finding, asked } = await find(
    'threads/thread_1/runs',
    { assistant_id: 'asst_1' },
    { at: { asst_1: 'a' } },
  );
  expect({ finding, asked }).toEqual({ finding: { kind: 'free', open: [] }, asked: ['threads/thread_1'] });
});

test('an agent that may be new is made where what it is to use is found', async () => {
  const body = { definition: { tools: [{ vector_store_ids: ['vs_1'] }] } };
  const { finding } = await find('agents/new/versions', body, { at: { vs_1: 'b' } });
  expect(finding).toEqual({ kind: 'owned', owner: 'b' });
  const vs = { id: 'vs_1', collection: 'vector_stores' };
  expect((await find('agents/new/versions', body, { at: { vs_1: 'down' } })).finding).toEqual({
    kind: 'free',
    open: [{ id: 'new', collection: undefined }, vs],
  });
});

test('an object whose owner is no backend any more is asked for', async () => {
  const { finding, asked, known } = await find('responses', both, {
    known: { resp_r: 'removed' },
    at: { resp_r: 'a' },
  });
  expect(finding).toEqual({ kind: 'owned', owner: 'a' });
  expect(asked).toEqual(['responses/resp_r']);
  expect(known).toEqual({ resp_r: 'a' });
});

test('a request ends when the client has left during a question', async () => {
  const { finding, asked } = await find('responses', both, { at: { resp_r: 'gone', conv_c: 'a' } });
  expect({ finding, asked }).toEqual({ finding: abandoned, asked: ['responses/resp_r'] });
});

test('where a backend that may have it cannot be asked a response goes anywhere, and what may still be somewhere is told', async () => {
  const { finding, asked } = await find('responses', both, { at: { resp_r: 'down' } });
  expect(finding).toEqual({ kind: 'free', open: [{ id: 'resp_r', collection: 'responses' }] });
  expect(asked).toEqual(['responses/resp_r', 'conversations/conv_c']);
});

test('where a backend that may have it cannot be asked another object of the request may tell whose it is', async () => {
  const { finding } = await find('responses', both, { at: { resp_r: 'down', conv_c: 'b' } });
  expect(finding).toEqual({ kind: 'owned', owner: 'b' });
});

test.each([
  ['batches', { input_file_id: 'file-1' }],
  ['fine_tuning/jobs', { training_file: 'file-1' }],
  ['vector_stores', { file_ids: ['file-1'] }],
  ['files/file-1/anything', {}],
])(
  'where a backend that may have it cannot be asked %s ends as the question did',
  async (operation, body) => {
    const { finding } = await find(operation, body, { at: { 'file-1': 'down' } });
    expect(finding).toEqual(unavailable);
  },
);

test('an object that cannot be asked for by a GET is looked for with the request itself', async () => {
  for (const operation of ['uploads/upload_1/parts', 'widgets/widget_1/turn']) {
    const { finding, asked } = await find(operation, {});
    expect({ finding, asked }).toEqual({ finding: { kind: 'lookup' }, asked: [] });
  }
});

test('what does not look like an id is one if an answer has called an object so', async () => {
  const known = { wonderful: 'b' };
  expect((await find('skills/wonderful/run', {}, { known })).finding).toEqual({ kind: 'owned', owner: 'b' });
  expect((await find('skills/plain/run', {}, { known })).finding).toEqual({ kind: 'free', open: [] });
});

test('what is sealed belongs to whoever is known to have sealed it', async () => {
  const input = [{ type: 'reasoning', encrypted_content: 'gAAAAAB1' }];
  const { finding } = await find('responses', { input });
  const seal = finding.kind === 'free' ? (finding.open[0]?.id ?? '') : '';
  expect((await find('responses/compact', { input }, { known: { [seal]: 'b' } })).finding).toEqual({
    kind: 'owned',
    owner: 'b',
  });
});

test('what nobody can be asked for is not asked for', async () => {
  const { finding, asked } = await find('responses', { input: [{ type: 'item_reference', id: 'msg_1' }] });
  const open = [{ id: 'msg_1', collection: undefined }];
  expect({ finding, asked }).toEqual({ finding: { kind: 'free', open }, asked: [] });
});

test.each([
  ['GET', 'files/file-1', 'lookup'],
  ['HEAD', 'files/file-1/content', 'lookup'],
  ['GET', 'files', 'free'],
])('a %s of %s asks nobody first: %s', async (method, operation, kind) => {
  const { finding, asked } = await find(operation, {}, { method });
  expect({ finding, asked }).toMatchObject({ finding: { kind }, asked: [] });
});
