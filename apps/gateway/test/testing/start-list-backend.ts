import { startHttpBackend, type TestBackend } from './start-backend.ts';

interface ListedObject {
  readonly id: string;
  readonly created_at: number;
}

/** Parameters of lists, which a request for a single object does not have. */
const OF_PAGES = ['after', 'before', 'after_id', 'before_id', 'limit', 'order'];

/** A backend that has objects, and lists them like Azure: it refuses an unknown cursor, and unknown parameters. */
export interface ListBackend extends TestBackend {
  /** The oldest first. */
  objects: readonly ListedObject[];
  /** Answers everything with this status instead. */
  refusal: number | undefined;
  /** Returns all objects, whatever page is requested. */
  listsWhole: boolean;
  /** Begins with the oldest unless another order is requested. */
  isOldestFirst: boolean;
  /** Lists like Claude's API: with other cursors, times as texts, and only one order. */
  isClaudes: boolean;
  readonly calls: string[];
}

/** Starts one with objects of any collection, created at given times. */
export async function startListBackend(name: string, times: readonly number[]): Promise<ListBackend> {
  const calls: string[] = [];
  const { url } = await startHttpBackend((req, res) => {
    calls.push(`${req.method} ${req.url}`);
    const { pathname, searchParams } = new URL(req.url ?? '', 'http://x');
    const [status, body] = answer(req.method ?? '', idIn(pathname), searchParams);
    res.writeHead(status, { 'content-type': 'application/json', 'retry-after': '7' });
    res.end(JSON.stringify(status < 400 ? body : { error: { code: String(status), message: 'No.' } }));
  });
  const objects = times.map((created_at, index) => ({ id: `file-${name}${index}`, created_at }));
  const backend: ListBackend = {
    url,
    objects,
    refusal: undefined,
    listsWhole: false,
    isOldestFirst: false,
    isClaudes: false,
    calls,
  };

  const answer = (method: string, id: string | undefined, query: URLSearchParams): [number, unknown] => {
    if (backend.refusal !== undefined) return [backend.refusal, {}];
    if (id === undefined && backend.isClaudes) return claudesListOf(backend.objects, query);
    if (id === undefined) return backend.listsWhole ? wholeListOf(backend.objects) : listOf(backend, query);
    if (OF_PAGES.some((name) => query.has(name))) return [400, {}];
    const found = backend.objects.find((one) => one.id === id);
    if (found === undefined) return [404, {}];
    if (method === 'DELETE') backend.objects = backend.objects.filter((one) => one !== found);
    return [200, backend.isClaudes ? asClaudes(found) : found];
  };
  return backend;
}

function idIn(pathname: string): string | undefined {
  return pathname.split('/').find((segment) => segment.startsWith('file-'));
}

function wholeListOf(objects: readonly ListedObject[]): [number, unknown] {
  return [200, { object: 'list', data: objects.toReversed(), has_more: false }];
}

function listOf(
  { objects, isOldestFirst }: Pick<ListBackend, 'objects' | 'isOldestFirst'>,
  query: URLSearchParams,
): [number, unknown] {
  const isAscending = (query.get('order') ?? (isOldestFirst ? 'asc' : 'desc')) === 'asc';
  const ordered = isAscending ? objects : objects.toReversed();
  const after = query.get('after');
  const from = after === null ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0) return [400, {}];
  const before = query.get('before');
  if (before !== null && ordered.every(({ id }) => id !== before)) return [400, {}];
  const limit = Number(query.get('limit') ?? 20);
  const data = ordered.slice(from, from + limit);
  const ends = { first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
  return [200, { object: 'list', data, ...ends, has_more: from + limit < ordered.length }];
}

function claudesListOf(objects: readonly ListedObject[], query: URLSearchParams): [number, unknown] {
  const ordered = objects.toReversed();
  const limit = Number(query.get('limit') ?? 20);
  const [after, before] = [query.get('after_id'), query.get('before_id')];
  const at = ordered.findIndex(({ id }) => id === (after ?? before));
  if (at === -1 && (after ?? before) !== null) return [404, {}];
  const from = before === null ? at + 1 : Math.max(0, at - limit);
  const to = before === null ? from + limit : at;
  const data = ordered.slice(from, to).map(asClaudes);
  const hasMore = before === null ? to < ordered.length : from > 0;
  return [200, { data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: hasMore }];
}

function asClaudes({ id, created_at }: ListedObject) {
  return { id, type: 'file', created_at: new Date(created_at * 1000).toISOString() };
}
