/** POSTs that leave nothing behind on the backend. Any other may have made something there. */
export const STATELESS: ReadonlySet<string> = new Set([
  'chat/completions',
  'completions',
  'embeddings',
  'moderations',
  'images/generations',
  'images/edits',
  'images/variations',
  'audio/transcriptions',
  'audio/translations',
  'audio/speech',
  // Of Foundry's models, and Claude's.
  'images/embeddings',
  'messages',
  'messages/count_tokens',
  // A key for a session that nobody opens expires within minutes.
  'realtime/client_secrets',
  'realtime/sessions',
  'realtime/transcription_sessions',
  'realtimeapi/sessions',
  'realtimeapi/transcription_sessions',
]);

/** POSTs about stored objects that make none. */
export const MAKES_NOTHING: ReadonlySet<string> = new Set(['responses/compact', 'responses/input_tokens']);

/** What every backend has of its own, and sessions, which are nobody's objects. */
const NOT_STORED = /^(?:(?:models|deployments)(?:\/|$)|realtime$)/;

/** Methods that change nothing. */
export const READS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** What a request leaves behind on a backend, and what it may find there. */
export interface Effect {
  /** Whether it is about objects that one backend keeps. */
  readonly isStateful: boolean;
  /** Whether it makes an object on the backend, so that sending it twice could make two. */
  readonly createsObject: boolean;
}

/** What a request's body says of that. */
interface EffectiveContent {
  readonly isUnstored: boolean;
  readonly asksToBeStored: boolean;
  readonly showsObjects: boolean;
}

/** Returns what a request does to a backend besides being answered; most do nothing. */
export function effectOf(method: string, operation: string, content: EffectiveContent | undefined): Effect {
  if (method === 'POST' && STATELESS.has(operation)) return isAboutObjects(operation, content) ? KEPT : NONE;
  return {
    isStateful: isStateful(operation, method),
    createsObject: !isRepeatable(method, operation, content),
  };
}

/**
 * Returns whether an operation may be about objects that one backend keeps: any is, unless it is known to be about none. What
 * leaves nothing behind does so as a POST; a GET of the same path is a list, such as that of stored chat completions.
 */
export function isStateful(operation: string, method = 'POST'): boolean {
  return !(method === 'POST' && STATELESS.has(operation)) && !NOT_STORED.test(operation);
}

/** Returns whether an operation is asked of a deployment, so that its body names one where its path does not. */
export function namesDeployment(operation: string): boolean {
  return STATELESS.has(operation) || operation === 'responses' || MAKES_NOTHING.has(operation);
}

const NONE: Effect = { isStateful: false, createsObject: false };
/** A copy too many of a chat completion that is kept is harmless, so that it is sent again as any other. */
const KEPT: Effect = { isStateful: true, createsObject: false };

/** What leaves nothing behind may be shown files all the same, or be kept, as a chat completion is that says so. */
function isAboutObjects(operation: string, content: EffectiveContent | undefined): boolean {
  if (content === undefined) return false;
  return content.showsObjects || (operation === 'chat/completions' && content.asksToBeStored);
}

/** Returns whether a request may be sent to another backend although the first may have acted on it. */
function isRepeatable(
  method: string,
  operation: string,
  content: { readonly isUnstored: boolean } | undefined,
): boolean {
  if (READS.includes(method) || MAKES_NOTHING.has(operation)) return true;
  return method === 'POST' && operation === 'responses' && content !== undefined && content.isUnstored;
}
