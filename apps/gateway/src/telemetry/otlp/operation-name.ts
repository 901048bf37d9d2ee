/** The words that operations are made of; anything else in one is an id, or made up. */
const WORDS: ReadonlySet<string> = new Set(
  (
    'assistants audio batches calls cancel chat client_secrets compact completions containers content conversations ' +
    'count_tokens deployments edits embeddings evals events extensions files fine_tuning generations images input_items ' +
    'input_tokens items jobs messages models moderations parts realtime realtimeapi responses runs search sessions speech ' +
    'steps submit_tool_outputs threads transcription_sessions transcriptions translations uploads variations ' +
    'vector_stores videos'
  ).split(' '),
);

/** Returns an operation without the ids of its objects, of which there are few: `responses/{id}/cancel`. */
export function operationName(operation: string | undefined): string {
  if (operation === undefined || operation === '') return 'other';
  if (Object.hasOwn(GEN_AI, operation)) return operation;
  const parts = operation.split('/');
  if (!WORDS.has(parts[0] ?? '')) return 'other';
  return parts
    .slice(0, 6)
    .map((part) => (WORDS.has(part) ? part : '{id}'))
    .join('/');
}

const GEN_AI: Readonly<Record<string, string>> = {
  'chat/completions': 'chat',
  responses: 'chat',
  messages: 'chat',
  completions: 'text_completion',
  embeddings: 'embeddings',
  'images/embeddings': 'embeddings',
};

/** Returns what the GenAI conventions call it; what they have no word for keeps its own. */
export function genAiOperation(operation: string | undefined): string {
  const name = operationName(operation);
  return Object.hasOwn(GEN_AI, name) ? (GEN_AI[name] as string) : name;
}
