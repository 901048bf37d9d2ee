// TODO: each of these goes, with the `runIf` that asks it, as soon as the gateway does what it says.

/** Whether encrypted content goes back to the backend that sealed it. */
export const isSealedContentFollowed: boolean = false;

/** Whether users’ own maps (Codex’s `client_metadata.thread_id`) are no references to stored objects. */
export const areUsersMapsIgnored: boolean = false;
