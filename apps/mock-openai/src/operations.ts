import { chatCompletion } from './bodies/chat-completion.ts';
import { completion } from './bodies/completion.ts';
import { embedding } from './bodies/embedding.ts';
import { chatSize, completionSize, embeddingSize } from './quota/estimate-tokens.ts';
import type { ModelAnswer, ModelCall } from './bodies/model-call.ts';
import type { CallSize } from './quota/estimate-tokens.ts';

/** One thing that a deployment can do. */
export interface Operation {
  /** What follows the deployment, or `/openai/v1/`, in the path. */
  readonly path: string;
  /** What Azure's texts call it. */
  readonly azureName: string;
  readonly answer: (call: ModelCall) => ModelAnswer;
  /** Reads what a request's JSON will spend of a quota. */
  readonly sizeOf: (body: Readonly<Record<string, unknown>>) => CallSize;
}

/** Every operation that the mock answers. */
export const operations: readonly Operation[] = [
  { path: 'chat/completions', azureName: 'ChatCompletions_Create', answer: chatCompletion, sizeOf: chatSize },
  { path: 'completions', azureName: 'Completions_Create', answer: completion, sizeOf: completionSize },
  { path: 'embeddings', azureName: 'Embeddings_Create', answer: embedding, sizeOf: embeddingSize },
];
