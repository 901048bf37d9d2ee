/** POSTs that leave nothing behind on the backend. Any other may have created something there. */
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
  // Foundry's models, and Claude.
  'images/embeddings',
  'messages',
  'messages/count_tokens',
  // A key for a session that is never opened expires within minutes.
  'realtime/client_secrets',
  'realtime/translations/client_secrets',
  'realtime/sessions',
  'realtime/transcription_sessions',
  'realtimeapi/sessions',
  'realtimeapi/transcription_sessions',
]);

/** POSTs about stored objects that create none. */
export const MAKES_NOTHING: ReadonlySet<string> = new Set(['responses/compact', 'responses/input_tokens']);

/** Operations whose `model` is not a deployment, but a model to create one from. */
export const OF_BASE_MODELS = /^(?:fine_tuning|deployments)(?:\/|$)/;

/** Collections that every backend has of its own, and sessions, which are not stored. */
const NOT_STORED = /^(?:(?:models|deployments)(?:\/|$)|realtime$)/;

/** HTTP methods that change nothing. */
export const READS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** A request's effect on a backend, and its use of stored objects. */
export interface Effect {
  /** Whether it concerns objects that one backend keeps. */
  readonly isStateful: boolean;
  /** Whether it creates an object on the backend, so that sending it twice could create two. */
  readonly createsObject: boolean;
}

/** The parts of a request's body that determine its effect. */
interface EffectiveContent {
  readonly isUnstored: boolean;
  readonly asksToBeStored: boolean;
  readonly showsObjects: boolean;
}

/** Returns a request's effect on a backend besides its answer; most have none. */
export function effectOf(method: string, operation: string, content: EffectiveContent | undefined): Effect {
  if (method === 'POST' && STATELESS.has(operation)) return isAboutObjects(operation, content) ? KEPT : NONE;
  return {
    isStateful: isStateful(operation, method),
    createsObject: !isRepeatable(method, operation, content),
  };
}

/**
 * Returns whether an operation may concern objects that one backend keeps: any may, unless it is known not to.
 * Stateless operations are so only as a POST; a GET of the same path is a list, such as that of stored chat
 * completions.
 */
export function isStateful(operation: string, method = 'POST'): boolean {
  return !(method === 'POST' && STATELESS.has(operation)) && !NOT_STORED.test(operation);
}

/** Returns whether an operation belongs to a deployment, so that its body names one where its path does not. */
export function namesDeployment(operation: string): boolean {
  return STATELESS.has(operation) || operation === 'responses' || MAKES_NOTHING.has(operation);
}

const NONE: Effect = { isStateful: false, createsObject: false };
/** A second copy of a stored chat completion is harmless, so the request is repeated like any other. */
const KEPT: Effect = { isStateful: true, createsObject: false };

/** A stateless operation may still use files, or be stored, as a chat completion is on request. */
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
