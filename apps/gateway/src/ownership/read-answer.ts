import { type Backend, isPageType, judgeOutcome, type Outcome, type Verdict } from '@spillway/core';
import { unpacked } from '../backend/unpacked.ts';
import { parseBody } from '../body/byte-order-mark.ts';
import { isJsonType } from '../body/json-type.ts';
import { outcomeOf } from './learn-owner.ts';
import { readWhole } from './made-body.ts';
import { isObject } from './merge-lists.ts';
import type { ReadableBody } from './watched-body.ts';

/** What a backend said. */
export interface BackendAnswer<B extends Backend, Body> {
  readonly verdict: Verdict<B, Body>;
  /** The whole body of its answer as it came, if that is a success that may be JSON. */
  readonly bytes: Buffer | undefined;
  /** What it says; undefined if that is no JSON. */
  readonly json: unknown;
}

type Relayed<B extends Backend, Body> = Extract<Verdict<B, Body>, { kind: 'relay' }>;

/** How much of an answer is read, and for how long. */
interface ReadingBounds {
  readonly maxBytes: number;
  readonly maxMs: number;
}

/**
 * Reads an answer whole, if it is a success that may be JSON. An answer that broke off, is not whole in time, or is longer than
 * a list can be, is none; nor is a page for people, or an error with the status of a success.
 */
export async function readAnswer<B extends Backend, Body extends { readonly body: ReadableBody }>(
  verdict: Verdict<B, Body>,
  bounds: ReadingBounds,
): Promise<BackendAnswer<B, Body>> {
  if (!isToBeRead(verdict)) return { verdict, bytes: undefined, json: undefined };
  const { status, body, header } = verdict.answer;
  const bytes = await readWhole(body.body, bounds);
  if (bytes === undefined) return none(verdict, { ...BROKEN_OFF, status });
  // Some pack what nobody has asked them to pack, or say so of what they have not packed.
  const plain = unpacked(bytes, header('content-encoding'), bounds.maxBytes) ?? bytes;
  const json = parse(plain);
  if (isObject(json) && (Array.isArray(json['data']) || Array.isArray(json['value'])))
    return { verdict, bytes, json };
  const outcome = judgeOutcome({ ...verdict.answer, bodyText: plain.toString() });
  if (outcome.kind === 'throttled' || outcome.kind === 'unavailable') return none(verdict, outcome);
  return { verdict: { ...verdict, attempts: judged(verdict, outcome) }, bytes, json };
}

/** Some do not say what they send, and what stands before a backend sends pages. */
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

/** Returns the attempts with what has come of the last, now that all of it is known. */
function judged<B extends Backend, Body>({ attempts, lease }: Relayed<B, Body>, outcome: Outcome) {
  return attempts.map((one) => (one.backend === lease.backend ? { ...one, outcome } : one));
}
