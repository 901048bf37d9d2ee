import { chatSize, completionSize, embeddingSize, responseSize } from '../quota/estimate-tokens.ts';
import { assistantOperations } from './assistant/assistant-operations.ts';
import { audioOperations } from './audio/audio-operations.ts';
import { batchOperations } from './batch/batch-operations.ts';
import { chatCompletion } from './chat-completion.ts';
import { chatPrompt } from './chat-prompt.ts';
import { completion } from './completion.ts';
import { conversationOperations } from './conversation/conversation-operations.ts';
import { embedding } from './embedding.ts';
import { fileOperations } from './file/file-operations.ts';
import { fineTuningOperations } from './fine-tuning/fine-tuning-operations.ts';
import { imageOperations } from './image/image-operations.ts';
import { modelOperations } from './model-list.ts';
import { compactResponse, countInputTokens } from './response/compact-response.ts';
import { createResponse } from './response/create-response.ts';
import { responseOperations } from './response/response-operations.ts';
import { responsePrompt } from './response/response-prompt.ts';
import { threadOperations } from './thread/thread-operations.ts';
import { uploadOperations } from './upload/upload-operations.ts';
import { vectorStoreOperations } from './vector-store/vector-store-operations.ts';
import { videoJobCalls, videoJobOperations } from './video/video-jobs.ts';
import { videoCalls, videoOperations } from './video/video-operations.ts';
import type { ModelOperation, ObjectOperation } from '../calls/operation.ts';

/** Every operation of Azure OpenAI that calls a model. */
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
  {
    path: 'responses/compact',
    namesModel: true,
    azureName: 'Responses_Compact',
    answer: compactResponse,
    sizeOf: responseSize,
  },
  {
    path: 'responses/input_tokens',
    namesModel: true,
    azureName: 'Responses_InputTokens',
    answer: countInputTokens,
    sizeOf: () => ({ prompt: [], maxTokens: 0 }),
  },
  ...imageOperations,
  ...audioOperations,
  ...videoCalls,
  ...videoJobCalls,
];

/** The calls of Foundry's model inference API, below `/models/`. */
export const inferenceCalls = modelCalls.filter(({ path }) =>
  ['chat/completions', 'embeddings'].includes(path),
);

/** Every operation on objects that the resource itself keeps; of two paths that fit, the first counts. */
export const objectCalls: readonly ObjectOperation[] = [
  ...modelOperations,
  ...responseOperations,
  ...conversationOperations,
  ...fileOperations,
  ...uploadOperations,
  ...videoOperations,
  ...videoJobOperations,
  ...batchOperations,
  ...vectorStoreOperations,
  ...assistantOperations,
  ...threadOperations,
  ...fineTuningOperations,
];
