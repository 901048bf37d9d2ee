import { imageFilterResults, promptFilterResults } from '../../azure/content-filter.ts';
import { countTokens } from '../../tokens/count-tokens.ts';
import { makeId } from '../make-id.ts';
import { pngBase64 } from './make-png.ts';
import { readImageWish } from './read-image-wish.ts';
import type { ModelAnswer, ModelCall } from '../../calls/model-call.ts';
import type { ModelOperation } from '../../calls/operation.ts';
import type { ImageWish } from './read-image-wish.ts';

/** The operations of a deployment of an image model. */
export const imageOperations: readonly ModelOperation[] = [
  {
    path: 'images/generations',
    azureName: 'ImageGenerations_Create',
    answer: generateImages,
    sizeOf: ({ prompt }) => ({ prompt: typeof prompt === 'string' ? [prompt] : [], maxTokens: 0 }),
  },
  {
    path: 'images/edits',
    azureName: 'ImageEdits_Create',
    answer: editImage,
    sizeOf: ({ prompt }) => ({ prompt: typeof prompt === 'string' ? [prompt] : [], maxTokens: 0 }),
  },
];

// OpenAI's documented values for a square picture and for one that is not square.
const outputTokens: Readonly<Record<string, readonly [number, number]>> = {
  low: [272, 408],
  medium: [1056, 1584],
  high: [4160, 6240],
};
const inputImageTokens = 194;

function generateImages({ deployment, body }: ModelCall): ModelAnswer {
  const read = readImageWish(body);
  return read.kind === 'wish' ? imagesAnswer(deployment, read.wish, 0) : read;
}

function editImage({ deployment, body, form }: ModelCall): ModelAnswer {
  if (form?.files['image'] === undefined && form?.files['image[]'] === undefined) {
    const message = "Missing required parameter: 'image'.";
    return { kind: 'invalid', message, param: 'image', code: 'missing_required_parameter' };
  }
  const read = readImageWish(body);
  return read.kind === 'wish' ? imagesAnswer(deployment, read.wish, inputImageTokens) : read;
}

/** DALL·E answers with URLs unless base64 is asked for, newer models always with base64 and their usage. */
function imagesAnswer(deployment: string, wish: ImageWish, imageTokens: number): ModelAnswer {
  const created = Math.floor(Date.now() / 1000);
  const { prompt, count, width, height, responseFormat } = wish;
  const isDalle = deployment.startsWith('dall-e');
  const isUrl = isDalle ? responseFormat !== 'b64_json' : false;
  const data = Array.from({ length: count }, () => ({
    ...(isUrl ? { url: imageUrl() } : { b64_json: pngBase64(width, height) }),
    ...(isDalle ? { revised_prompt: prompt } : {}),
    prompt_filter_results: promptFilterResults,
    content_filter_results: imageFilterResults,
  }));
  const details = {
    background: 'opaque',
    output_format: 'png',
    quality: wish.quality,
    size: `${width}x${height}`,
    usage: usage(wish, imageTokens),
  };
  return { kind: 'json', body: JSON.stringify({ created, ...(isDalle ? {} : details), data }) };
}

function usage({ prompt, count, width, height, quality }: ImageWish, imageTokens: number): object {
  const textTokens = countTokens(prompt, 'o200k_base');
  const [square = 0, oblong = 0] = outputTokens[quality] ?? outputTokens['high'] ?? [];
  const output = count * (width === height ? square : oblong);
  const input = textTokens + imageTokens;
  return {
    input_tokens: input,
    input_tokens_details: { text_tokens: textTokens, image_tokens: imageTokens },
    output_tokens: output,
    total_tokens: input + output,
  };
}

/** Shaped like Azure's; nothing is behind it. */
function imageUrl(): string {
  const id = makeId('');
  return `https://dalleproduse.blob.core.windows.net/private/images/${id}/generated_00.png?se=2099-01-01T00%3A00%3A00Z&sig=mock&sp=r`;
}
