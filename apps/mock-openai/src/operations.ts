import { assistantOperations } from './bodies/assistant/assistant-operations.ts';
import { audioOperations } from './bodies/audio/audio-operations.ts';
import { batchOperations } from './bodies/batch/batch-operations.ts';
import { chatCompletion } from './bodies/chat-completion.ts';
import { chatPrompt } from './bodies/chat-prompt.ts';
import { completion } from './bodies/completion.ts';
import { conversationOperations } from './bodies/conversation/conversation-operations.ts';
import { embedding } from './bodies/embedding.ts';
import { fileOperations } from './bodies/file/file-operations.ts';
import { fineTuningOperations } from './bodies/fine-tuning/fine-tuning-operations.ts';
import { imageOperations } from './bodies/image/image-operations.ts';
import { modelOperations } from './bodies/model-list.ts';
import { createResponse } from './bodies/response/create-response.ts';
import { responseOperations } from './bodies/response/response-operations.ts';
import { responsePrompt } from './bodies/response/response-prompt.ts';
import { responseSize } from './bodies/response/response-size.ts';
import { threadOperations } from './bodies/thread/thread-operations.ts';
import { vectorStoreOperations } from './bodies/vector-store/vector-store-operations.ts';
import { chatSize, completionSize, embeddingSize } from './quota/estimate-tokens.ts';
import type { ModelOperation, ObjectOperation } from './operation.ts';

/** Every operation that calls a model. */
export const modelCalls: readonly ModelOperation[] = [
  {
    path: 'chat/completions',
    azureName: 'ChatCompletions_Create',
    answer: chatCompletion,
    sizeOf: chatSize,
    promptOf: chatPrompt,
  },
  { path: 'completions', azureName: 'Completions_Create', answer: completion, sizeOf: completionSize },
  { path: 'embeddings', azureName: 'Embeddings_Create', answer: embedding, sizeOf: embeddingSize },
  {
    path: 'responses',
    namesModel: true,
    azureName: 'Responses_Create',
    answer: createResponse,
    sizeOf: responseSize,
    promptOf: responsePrompt,
  },
  ...imageOperations,
  ...audioOperations,
];

/** Every operation on what the resource itself keeps; of two paths that fit, the first counts. */
export const objectCalls: readonly ObjectOperation[] = [
  ...modelOperations,
  ...responseOperations,
  ...conversationOperations,
  ...fileOperations,
  ...batchOperations,
  ...vectorStoreOperations,
  ...assistantOperations,
  ...threadOperations,
  ...fineTuningOperations,
];
