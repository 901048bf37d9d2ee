import { speak } from './speech.ts';
import { transcribe, translate } from './transcription.ts';
import type { ModelOperation } from '../../calls/operation.ts';
import type { CallSize } from '../../quota/estimate-tokens.ts';

// Recordings are limited only by the number of requests.
const noTokens = (): CallSize => ({ prompt: [], maxTokens: 0 });

/** The operations of a deployment of a model that hears or speaks. */
export const audioOperations: readonly ModelOperation[] = [
  {
    path: 'audio/transcriptions',
    azureName: 'Transcriptions_Create',
    answer: transcribe,
    sizeOf: noTokens,
  },
  { path: 'audio/translations', azureName: 'Translations_Create', answer: translate, sizeOf: noTokens },
  {
    path: 'audio/speech',
    azureName: 'Speech_Create',
    answer: speak,
    sizeOf: ({ input }) => ({ prompt: typeof input === 'string' ? [input] : [], maxTokens: 0 }),
  },
];
