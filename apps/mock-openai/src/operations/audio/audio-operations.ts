import { speak } from './speech.ts';
import { transcribe, translate } from './transcription.ts';
import type { ModelOperation } from '../../calls/operation.ts';
import type { CallSize } from '../../quota/estimate-tokens.ts';

// Recordings are limited by requests alone.
const noTokens = (): CallSize => ({ prompt: [], maxTokens: 0 });

/** What a deployment of a model that hears or speaks can do. */
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
