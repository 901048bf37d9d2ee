import { setImmediate as nextTurn } from 'node:timers/promises';
import { readItems } from '../body/read-items.ts';
import { isUnclear, type ObjectMembers, readMembers } from '../body/read-members.ts';
import { type BatchDemand, DemandSum, type ProblemKind } from './batch-demand.ts';

const REQUESTS: ReadonlySet<string> = new Set(['requests']);
const PARAMS: ReadonlySet<string> = new Set(['params']);
/** Read at a time, so that other requests get their turn. */
const TURN_BYTES = 262_144;

/**
 * Returns the demand of a batch of Claude's, whose requests stand in its body, read in several turns; nothing after the
 * first problem is read.
 * Undefined if it has no list of requests, or more than one.
 *
 * @param maxOutputTokens the limit on the answer of a request; undefined for none
 */
export async function readMessageBatch(
  body: Buffer,
  maxOutputTokens?: number,
): Promise<BatchDemand | undefined> {
  const members = readMembers(body, REQUESTS);
  const list = members?.byKey.get('requests');
  if (members === undefined || isUnclear(members) || list?.kind !== 'list') return undefined;
  const sum = new DemandSum(maxOutputTokens);
  let line = 0;
  let turnAt = TURN_BYTES;
  for (const request of readItems(body, list, PARAMS)) {
    line++;
    const kind = request === undefined ? 'not-json' : add(sum, body, request);
    if (kind !== undefined) return sum.end({ line, kind });
    if (request === undefined || request.end < turnAt) continue;
    turnAt = request.end + TURN_BYTES;
    await nextTurn();
  }
  return sum.end(undefined);
}

function add(sum: DemandSum, body: Buffer, request: ObjectMembers): ProblemKind | undefined {
  const params = request.byKey.get('params');
  if (params?.kind !== 'object') return 'not-json';
  if (isUnclear(request)) return 'several-models';
  return sum.add('messages', body.subarray(params.range.start, params.range.end));
}
