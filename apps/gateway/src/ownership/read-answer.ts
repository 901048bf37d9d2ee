import type { Backend, Verdict } from '@spillway/core';
import { unpacked } from '../backend/unpacked.ts';
import { parseBody } from '../body/byte-order-mark.ts';
import { isJsonType } from '../body/json-type.ts';
import { outcomeOf } from './learn-owner.ts';
import { readWhole } from './made-body.ts';
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
 * a list can be, is none.
 */
export async function readAnswer<B extends Backend, Body extends { readonly body: ReadableBody }>(
  verdict: Verdict<B, Body>,
  bounds: ReadingBounds,
): Promise<BackendAnswer<B, Body>> {
  if (!mayBeJson(verdict)) return { verdict, bytes: undefined, json: undefined };
  const { answer, lease, attempts } = verdict;
  const bytes = await readWhole(answer.body.body, bounds);
  if (bytes !== undefined)
    return { verdict, bytes, json: parse(bytes, answer.header('content-encoding'), bounds.maxBytes) };
  lease.release();
  const owner = lease.backend.name;
  const none = { kind: 'exhausted', cause: 'unavailable', recoveryMs: 0, owner, attempts } as const;
  return { verdict: none, bytes, json: undefined };
}

/** Some do not say what they send. */
function mayBeJson<B extends Backend, Body>(verdict: Verdict<B, Body>): verdict is Relayed<B, Body> {
  if (verdict.kind !== 'relay' || outcomeOf(verdict)?.kind !== 'succeeded') return false;
  const type = verdict.answer.header('content-type');
  return type === undefined || isJsonType(type);
}

/** Some pack what nobody has asked them to pack, or say so of what they have not packed. */
function parse(bytes: Buffer, contentEncoding: string | undefined, maxBytes: number): unknown {
  try {
    return parseBody(unpacked(bytes, contentEncoding, maxBytes) ?? bytes);
  } catch {
    return undefined;
  }
}
