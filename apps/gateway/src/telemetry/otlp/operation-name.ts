const ID = '{id}';

/**
 * All known operations of the APIs. Clients can combine any words, and each combination would be a permanent series, so
 * an unlisted operation has no name of its own.
 */
const KNOWN: readonly string[] = [
  ...below('chat/completions', '', '/{id}', '/{id}/messages'),
  ...below('completions', ''),
  ...below('embeddings', ''),
  ...below('moderations', ''),
  ...below('extensions/chat/completions', ''),
  ...below('messages', '', '/count_tokens'),
  ...below('images', '/generations', '/edits', '/variations', '/embeddings'),
  ...below('audio', '/transcriptions', '/translations', '/speech'),
  ...below('responses', '', '/compact', '/input_tokens', '/{id}', '/{id}/cancel', '/{id}/input_items'),
  ...below('conversations', '', '/{id}', '/{id}/items', '/{id}/items/{id}'),
  ...below('realtime', '', '/client_secrets', '/sessions', '/transcription_sessions', '/calls'),
  ...below('realtime/translations', '', '/client_secrets'),
  ...below('realtime/calls/{id}', '', '/accept', '/hangup', '/refer', '/reject'),
  ...below('realtimeapi', '/sessions', '/transcription_sessions'),
  ...below('files', '', '/{id}', '/{id}/content'),
  ...below('uploads', '', '/{id}', '/{id}/parts', '/{id}/complete', '/{id}/cancel'),
  ...below('batches', '', '/{id}', '/{id}/cancel'),
  ...below('assistants', '', '/{id}'),
  ...below('threads', '', '/runs', '/{id}', '/{id}/messages', '/{id}/messages/{id}', '/{id}/runs'),
  ...below('threads/{id}/runs/{id}', '', '/cancel', '/submit_tool_outputs', '/steps', '/steps/{id}'),
  ...below('vector_stores', '', '/{id}', '/{id}/search', '/{id}/files', '/{id}/file_batches'),
  ...below('vector_stores/{id}/files/{id}', '', '/content'),
  ...below('vector_stores/{id}/file_batches/{id}', '', '/cancel', '/files'),
  ...below('containers', '', '/{id}', '/{id}/files', '/{id}/files/{id}', '/{id}/files/{id}/content'),
  ...below('evals', '', '/{id}', '/{id}/runs', '/{id}/runs/{id}', '/{id}/runs/{id}/cancel'),
  ...below('evals/{id}/runs/{id}/output_items', '', '/{id}'),
  ...below('fine_tuning/jobs', '', '/{id}', '/{id}/cancel', '/{id}/pause', '/{id}/resume'),
  ...below('fine_tuning/jobs/{id}', '/events', '/checkpoints'),
  ...below('fine_tuning/checkpoints/{id}/permissions', '', '/{id}'),
  ...below('videos', '', '/{id}', '/{id}/content', '/{id}/remix'),
  ...below('video/generations', '/jobs', '/jobs/{id}', '/{id}', '/{id}/content/video'),
  ...below('models', '', '/{id}'),
  ...below('deployments', '', '/{id}'),
];

function below(path: string, ...ends: readonly string[]): string[] {
  return ends.map((end) => path + end);
}

/** Operations without ids are found at once. */
const PLAIN: ReadonlySet<string> = new Set(KNOWN.filter((known) => !known.includes(ID)));
const WITH_IDS: readonly (readonly string[])[] = KNOWN.filter((known) => known.includes(ID)).map((known) =>
  known.split('/'),
);

/** Returns a known operation without the ids of its objects: `responses/{id}/cancel`; for any other, `other`. */
export function operationName(operation: string | undefined): string {
  if (operation === undefined) return 'other';
  if (PLAIN.has(operation)) return operation;
  const parts = operation.split('/');
  const found = WITH_IDS.find((known) => isLike(parts, known));
  return found?.join('/') ?? 'other';
}

function isLike(parts: readonly string[], known: readonly string[]): boolean {
  return parts.length === known.length && known.every((part, at) => part === ID || part === parts[at]);
}

const GEN_AI: Readonly<Record<string, string>> = {
  'chat/completions': 'chat',
  responses: 'chat',
  messages: 'chat',
  completions: 'text_completion',
  embeddings: 'embeddings',
  'images/embeddings': 'embeddings',
};

/** Returns the name of an operation in the GenAI conventions; one that they do not know keeps its own. */
export function genAiOperation(operation: string | undefined): string {
  const name = operationName(operation);
  return Object.hasOwn(GEN_AI, name) ? (GEN_AI[name] as string) : name;
}
