import { toReply } from './reply.ts';
import type { InvalidAnswer } from '../calls/model-call.ts';
import type { Encoding } from '../tokens/encoding-of.ts';
import type { Reply } from './reply.ts';

const maxStops = 4;

/** Reads the stop sequences of a call: one text, or a list of up to four. */
export function readStops(given: unknown): readonly string[] | InvalidAnswer {
  const stops: readonly unknown[] = Array.isArray(given) ? given : [given ?? ''];
  if (stops.length > maxStops) {
    const message = `Invalid 'stop': array too long. Expected an array with maximum length ${maxStops}, but got an array with length ${stops.length} instead.`;
    return { kind: 'invalid', message, param: 'stop', code: 'array_above_max_length' };
  }
  return stops.filter((stop) => typeof stop === 'string').filter((stop) => stop !== '');
}

/** Returns a reply up to its first stop sequence; undefined if it has none. */
export function cutAtStop(reply: Reply, stops: readonly string[], encoding: Encoding): Reply | undefined {
  const places = stops.map((stop) => reply.text.indexOf(stop)).filter((place) => place !== -1);
  return places.length === 0 ? undefined : toReply(reply.text.slice(0, Math.min(...places)), encoding);
}
