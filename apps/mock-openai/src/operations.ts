import { chatCompletion } from './bodies/chat-completion.ts';
import { completion } from './bodies/completion.ts';
import { embedding } from './bodies/embedding.ts';
import type { ModelAnswer, ModelCall } from './bodies/model-call.ts';

/** One thing that a deployment can do. */
export interface Operation {
  /** What follows the deployment, or `/openai/v1/`, in the path. */
  readonly path: string;
  /** What Azure's texts call it. */
  readonly azureName: string;
  readonly answer: (call: ModelCall) => ModelAnswer;
}

/** Every operation that the mock answers. */
export const operations: readonly Operation[] = [
  { path: 'chat/completions', azureName: 'ChatCompletions_Create', answer: chatCompletion },
  { path: 'completions', azureName: 'Completions_Create', answer: completion },
  { path: 'embeddings', azureName: 'Embeddings_Create', answer: embedding },
];
