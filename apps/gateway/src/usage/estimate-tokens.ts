import type { Metering } from './meterings.ts';

/** The known facts about an answer that does not report its usage. */
export interface Relayed {
  readonly bytes: number;
  readonly requestBytes: number;
  readonly contentType: string;
  /** The tokens of the output; undefined where the answer cannot be read. */
  readonly saidTokens: number | undefined;
  readonly heardTokens: number;
  readonly images: number;
  /** The expected usage of the request: all of it is made and billed, even if the client leaves. */
  readonly expectedTokens: number;
  /** Whether the answer was relayed to its end. */
  readonly isWhole: boolean;
}

/** OpenAI's figure for a square picture of medium quality. */
export const TOKENS_PER_IMAGE = 1056;
/** Bytes of text, roughly. */
export const BYTES_PER_TOKEN = 4;
/** A second of speech is 20 tokens, and 16,000 bytes of MP3 or 48,000 of PCM. */
const PACKED_SPEECH_BYTES = 800;
const PLAIN_SPEECH_BYTES = 2400;
/** A second of a recording is 10 tokens, and 16,000 bytes of MP3. */
export const RECORDING_BYTES = 1600;

/** Estimates the tokens of a relayed answer: cheap, and never exact. */
export function estimateTokens(estimate: Metering['estimate'], relayed: Relayed): number {
  const { bytes, saidTokens, heardTokens, images, requestBytes, expectedTokens } = relayed;
  switch (estimate) {
    case 'text':
    case 'any':
      return (saidTokens ?? Math.ceil(bytes / BYTES_PER_TOKEN)) + images * TOKENS_PER_IMAGE;
    case 'images':
      return atLeastExpected(images * TOKENS_PER_IMAGE, relayed);
    case 'videos':
      return expectedTokens;
    case 'speech':
      return atLeastExpected(spokenTokens(relayed), relayed);
    case 'recording':
      return heardTokens > 0 ? heardTokens : Math.ceil(requestBytes / RECORDING_BYTES);
    case 'nothing':
      return 0;
  }
}

/** A client that leaves before the last byte of an image has the image nevertheless. */
function atLeastExpected(tokens: number, { isWhole, expectedTokens }: Relayed): number {
  return isWhole ? tokens : Math.max(tokens, expectedTokens);
}

function spokenTokens({ bytes, contentType }: Relayed): number {
  const isPlain = /^audio\/(?:x-)?(?:wav|pcm|l16)/.test(contentType);
  return Math.ceil(bytes / (isPlain ? PLAIN_SPEECH_BYTES : PACKED_SPEECH_BYTES));
}
