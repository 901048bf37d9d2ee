import type { FrameReader, WebSocketParts } from './load-parts.ts';

/** A message of the usual limit may come in frames of 1,664 bytes; smaller ones take more memory than their bytes. */
const MAX_FRAGMENTS = 16_384;
/** The same for the packets of one frame. */
const MAX_CHUNKS = 65_536;
/** What a frame without a mask has before its content, where that is short, and the length of a mask. */
const SHORT_HEAD_BYTES = 2;
const MASK_BYTES = 4;

const PROTOCOL_ERROR = 1002;
const TOO_BIG = 1009;
const TOO_LARGE: ReadonlySet<string | undefined> = new Set([
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
]);

/**
 * Creates the reader of a peer's frames.
 *
 * @param isMasked whether its frames have to be masked, as a client's
 */
export function createFrameReader(
  Receiver: WebSocketParts['Receiver'],
  isMasked: boolean,
  maxMessageBytes: number,
): FrameReader {
  return new Receiver({
    isServer: isMasked,
    maxPayload: maxMessageBytes,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_CHUNKS,
  });
}

/** Returns the code to close a connection with whose frames cannot be read (RFC 6455 §7.4.1). */
export function closeCodeOf({ code }: NodeJS.ErrnoException): number {
  return TOO_LARGE.has(code) ? TOO_BIG : PROTOCOL_ERROR;
}

/** Returns the length of a whole ping or pong. */
export function controlBytes({ length }: Buffer, isMasked: boolean): number {
  return SHORT_HEAD_BYTES + (isMasked ? MASK_BYTES : 0) + length;
}
