import type { Backend, ExhaustedCause, Verdict } from '@spillway/core';
import { headersOfEdited } from '../headers/headers-of-edited.ts';
import { outcomeOf } from './learn-owner.ts';
import { MadeBody } from './made-body.ts';
import { isObject, MISSING_HEADER } from './merge-lists.ts';
import type { BackendAnswer } from './read-answer.ts';
import type { ReadableBody } from './watched-body.ts';

/** A backend's answer, from which another can be created. */
export interface ListBody {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: ReadableBody;
}

/** The verdict on a list whose body is no longer a backend's. */
export type ListVerdict<B extends Backend, Body> = Verdict<
  B,
  Omit<Body, 'body'> & { readonly body: ReadableBody }
>;

/** A backend's response to the request for its part of a list. */
interface Said<B extends Backend, Body> {
  /** Its last answer. */
  readonly answer: BackendAnswer<B, Body>;
  /** Its part; undefined if there is none. */
  readonly source: unknown;
}

/**
 * Returns the answer whose head the merged list gets; without a list it is sent to the client. A backend without this
 * list says nothing while another may have it, but cannot be asked now.
 */
export function answerToRelay<B extends Backend, Body>(
  parts: readonly Said<B, Body>[],
): BackendAnswer<B, Body> | undefined {
  const answers = parts.map(({ answer }) => answer);
  const firm =
    parts.find(({ source }) => source)?.answer ??
    answers.find(hasValues) ??
    answers.find(isSuccess) ??
    answers.find(isRejection);
  if (firm !== undefined) return firm;
  const isOpen = answers.some(({ verdict }) => verdict.kind === 'exhausted' && rankOf(verdict.cause) < NEVER);
  return isOpen ? undefined : answers.find(({ verdict }) => verdict.kind === 'relay');
}

/** Returns whether a backend has fulfilled a request. */
export function isSuccess<B extends Backend, Body>(answer: BackendAnswer<B, Body> | undefined): boolean {
  return answer?.verdict.kind === 'relay' && outcomeOf(answer.verdict)?.kind === 'succeeded';
}

/** Returns whether an answer is a Foundry project's own list, whose head a merged one needs. */
function hasValues<B extends Backend, Body>({ json }: BackendAnswer<B, Body>): boolean {
  return isObject(json) && Array.isArray(json['value']);
}

/** Returns whether the request itself is at fault. */
function isRejection<B extends Backend, Body>({ verdict }: BackendAnswer<B, Body>): boolean {
  return verdict.kind === 'relay' && outcomeOf(verdict)?.kind === 'rejected';
}

/**
 * No backend returned a list: the client gets the first answer that says anything, or else an error that none could.
 */
export function withoutList<B extends Backend, Body extends ListBody>(
  parts: readonly Said<B, Body>[],
  answer: BackendAnswer<B, Body> | undefined,
): ListVerdict<B, Body> {
  if (answer?.verdict.kind === 'relay')
    return answer.bytes === undefined ? answer.verdict : withBody(answer.verdict, answer.bytes);
  const exhausted = parts.flatMap(({ answer: { verdict } }) => (verdict.kind === 'exhausted' ? verdict : []));
  const [first = NONE_COULD] = exhausted.toSorted(
    (one, other) => rankOf(one.cause) - rankOf(other.cause) || one.recoveryMs - other.recoveryMs,
  );
  return { ...first, owner: parts.length > 1 ? undefined : first.owner };
}

/**
 * Trouble of the gateway itself says nothing about the backends, and a quota that recovers is the best hope. Backends
 * without the list offer none.
 */
function rankOf(cause: ExhaustedCause): number {
  const rank = ['overloaded', 'throttled'].indexOf(cause);
  if (rank !== -1) return rank;
  return HAVE_NOT_GOT_IT.has(cause) ? NEVER : 2;
}

const NEVER = 3;
const HAVE_NOT_GOT_IT: ReadonlySet<ExhaustedCause> = new Set(['declined', 'deployment-missing', 'not-found']);

const NONE_COULD = {
  kind: 'exhausted',
  cause: 'unavailable',
  recoveryMs: 0,
  owner: undefined,
  attempts: [],
} as const;

type Relayed<B extends Backend, Body> = Extract<Verdict<B, Body>, { kind: 'relay' }>;

/** Relays an answer with the gateway's own list instead of its body. */
export function withList<B extends Backend, Body extends ListBody>(
  verdict: Relayed<B, Body>,
  list: object,
  missing: readonly string[] = [],
): ListVerdict<B, Body> {
  const bytes = Buffer.from(JSON.stringify(list));
  return withBody(verdict, bytes, {
    ...headersOfEdited(verdict.answer.body.headers),
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    [MISSING_HEADER]: missing.join(', ') || undefined,
  });
}

function withBody<B extends Backend, Body extends ListBody>(
  verdict: Relayed<B, Body>,
  bytes: Buffer,
  headers: ListBody['headers'] = verdict.answer.body.headers,
): ListVerdict<B, Body> {
  const { answer } = verdict;
  return { ...verdict, answer: { ...answer, body: { ...answer.body, headers, body: new MadeBody(bytes) } } };
}
