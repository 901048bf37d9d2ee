import { Chance } from '../../chance.ts';
import { makeMarker } from '../../marker.ts';

/** A client's request, and whether the client stays. */
export interface PlannedRequest {
  readonly kind: keyof typeof kinds;
  readonly marker: string;
  readonly path: string;
  readonly body: Buffer;
  /** Whether the body goes out in chunks, one after the other. */
  readonly isChunked: boolean;
  readonly createsObject: boolean;
  /** How long after it began the client leaves; absent if it stays. */
  readonly leavesAfterMs: number | undefined;
}

/** A longer body is not kept, so that it can be sent to one backend only. */
export const REPLAY_BYTES = 65_536;

const kinds = { chat: 60, stream: 20, upload: 6, batch: 5, file: 3 } as const;
const CHAT = '/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21&chaos=';
const paths = {
  chat: CHAT,
  stream: CHAT,
  upload: CHAT,
  batch: '/openai/v1/batches?chaos=',
  file: '/openai/v1/files?chaos=',
};

/** Draws a client's request. */
export function planRequest(seed: number, index: number): PlannedRequest {
  const chance = new Chance(seed, 'backends', index);
  const marker = makeMarker(index, 0);
  const kind = chance.weigh(kinds);
  const isLong = kind === 'upload' || (kind === 'file' && chance.is(0.5));
  const padding = 'p'.repeat(
    isLong ? chance.between(REPLAY_BYTES, 5 * REPLAY_BYTES) : chance.between(0, 300),
  );
  const stream = kind === 'stream' || (kind === 'upload' && chance.is(0.3)) ? '"stream":true,' : '';
  const text = `{${stream}"model":"gpt-4o","user":"${marker}","messages":[{"role":"user","content":"${padding}"}]}`;
  return {
    kind,
    marker,
    path: paths[kind] + marker,
    body: Buffer.from(text),
    isChunked: isLong && chance.is(0.4),
    createsObject: kind === 'batch' || kind === 'file',
    leavesAfterMs: chance.is(0.04) ? chance.between(0, 30) : undefined,
  };
}

/** Describes a client's request. */
export function describePlanned(seed: number, index: number): string {
  const { kind, path, body, isChunked, leavesAfterMs } = planRequest(seed, index);
  const leaving = leavesAfterMs === undefined ? 'stays' : `leaves after ${leavesAfterMs} ms`;
  return `${kind}: POST ${path}, ${body.length} bytes${isChunked ? ' in chunks' : ''}, and ${leaving}`;
}
