import { type Backend, isPageType, judgeOutcome, type Outcome, type Verdict } from '@spillway/core';
import { unpackedLeniently } from '../backend/unpacked.ts';
import { parseBody } from '../body/byte-order-mark.ts';
import { isJsonType } from '../body/json-type.ts';
import { outcomeOf } from './learn-owner.ts';
import { readWhole } from './made-body.ts';
import { isObject } from './merge-lists.ts';
import type { ReadableBody } from './watched-body.ts';

/** A backend's answer. */
export interface BackendAnswer<B extends Backend, Body> {
  readonly verdict: Verdict<B, Body>;
  /** The whole body as received, if the answer is a success that may be JSON. */
  readonly bytes: Buffer | undefined;
  /** The parsed body; undefined if it is no JSON. */
  readonly json: unknown;
}

type Relayed<B extends Backend, Body> = Extract<Verdict<B, Body>, { kind: 'relay' }>;

/** The limits on reading an answer, in bytes and time. */
interface ReadingBounds {
  readonly maxBytes: number;
  readonly maxMs: number;
}

/**
 * Reads a whole answer, if it is a success that may be JSON. An answer counts as none if it broke off, is not complete
 * in time, or exceeds the length of a list; so does an HTML page, or an error with the status of a success.
 */
export async function readAnswer<B extends Backend, Body extends { readonly body: ReadableBody }>(
  verdict: Verdict<B, Body>,
  bounds: ReadingBounds,
): Promise<BackendAnswer<B, Body>> {
  if (!isToBeRead(verdict)) return { verdict, bytes: undefined, json: undefined };
  const { status, body, header } = verdict.answer;
  const bytes = await readWhole(body.body, bounds);
  if (bytes === undefined) return none(verdict, { ...BROKEN_OFF, status });
  const plain = unpackedLeniently(bytes, header('content-encoding'), bounds.maxBytes);
  const json = parse(plain);
  if (isObject(json) && (Array.isArray(json['data']) || Array.isArray(json['value'])))
    return { verdict, bytes, json };
  const outcome = judgeOutcome({ ...verdict.answer, bodyText: plain.toString() });
  if (outcome.kind === 'throttled' || outcome.kind === 'unavailable') return none(verdict, outcome);
  return { verdict: { ...verdict, attempts: judged(verdict, outcome) }, bytes, json };
}

/** Some backends declare no content type, and front ends send pages. */
function isToBeRead<B extends Backend, Body>(verdict: Verdict<B, Body>): verdict is Relayed<B, Body> {
  if (verdict.kind !== 'relay' || outcomeOf(verdict)?.kind !== 'succeeded') return false;
  const type = verdict.answer.header('content-type');
  return type === undefined || isJsonType(type) || isPageType(type);
}

function parse(bytes: Buffer): unknown {
  try {
    return parseBody(bytes);
  } catch {
    return undefined;
  }
}

/** There is nothing to relay, and the backend is free again. */
function none<B extends Backend, Body>(
  verdict: Relayed<B, Body>,
  outcome: Extract<Outcome, { kind: 'throttled' | 'unavailable' }>,
): BackendAnswer<B, Body> {
  const { lease } = verdict;
  lease.release();
  const exhausted = {
    kind: 'exhausted',
    cause: outcome.kind,
    recoveryMs: outcome.retryAfterMs ?? 0,
    owner: lease.backend.name,
    attempts: judged(verdict, outcome),
  } as const;
  return { verdict: exhausted, bytes: undefined, json: undefined };
}

const BROKEN_OFF = { kind: 'unavailable', cause: 'server-error', retryAfterMs: undefined } as const;

/** Returns the attempts with the outcome of the last, now that the whole answer is known. */
function judged<B extends Backend, Body>({ attempts, lease }: Relayed<B, Body>, outcome: Outcome) {
  return attempts.map((one) => (one.backend === lease.backend ? { ...one, outcome } : one));
}
