/**
 * The most that is held back of a stream, or of a session, with announcements only. The Responses API announces a
 * response twice, each time with all its instructions and tools, which are long with agents.
 */
export const HELD_BYTES = 1_048_576;

/** The same for a packed stream, which is unpacked anew with each chunk. */
export const HELD_PACKED_BYTES = 16_384;
