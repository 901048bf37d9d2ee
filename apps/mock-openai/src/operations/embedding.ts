import { countInput } from '../tokens/count-prompt.ts';
import { encodingOf } from '../tokens/encoding-of.ts';
import { modelName } from './model-name.ts';
import type { ModelAnswer, ModelCall } from '../calls/model-call.ts';

const maxInputs = 2048;
const variants = 16;
const cacheSize = 256;
const cache = new Map<string, string>();

/** Answers with embeddings, as numbers or as base64 of little-endian float32; the same input gets the same vector. */
export function embedding(call: ModelCall): ModelAnswer {
  const { input, encoding_format: format, dimensions } = call.body;
  if (input === undefined) {
    const message = "Missing required parameter: 'input'.";
    return { kind: 'invalid', message, param: 'input', code: 'missing_required_parameter' };
  }
  const inputs = Array.isArray(input) && typeof input[0] !== 'number' ? (input as unknown[]) : [input];
  if (inputs.length === 0 || inputs.length > maxInputs) {
    const message = `'input' must have between 1 and ${maxInputs} items.`;
    return { kind: 'invalid', message, param: 'input' };
  }
  const model = modelName(call.deployment, 'text-embedding-3-small');
  const size =
    typeof dimensions === 'number' && dimensions >= 1 ? Math.min(dimensions, 4096) : usualSize(model);

  const tokens = countInput(input, encodingOf(call.deployment, 'cl100k_base'));
  const items: string[] = [];
  for (const [index, one] of inputs.entries()) {
    const text = typeof one === 'string' ? one : JSON.stringify(one);
    items.push(
      `{"object":"embedding","index":${index},"embedding":${vectorJson(text, size, format === 'base64')}}`,
    );
  }
  const usage = `"usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}}`;
  return { kind: 'json', body: `{"object":"list","data":[${items.join()}],"model":"${model}",${usage}}\n` };
}

function usualSize(model: string): number {
  return model === 'text-embedding-3-large' ? 3072 : 1536;
}

function vectorJson(text: string, size: number, isBase64: boolean): string {
  const variant = hash(text) % variants;
  const key = `${variant}/${size}/${isBase64}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const vector = makeVector(variant, Math.floor(size));
  const json = isBase64 ? `"${toBase64(vector)}"` : JSON.stringify(vector);
  if (cache.size >= cacheSize) cache.clear();
  cache.set(key, json);
  return json;
}

/** A vector of length 1, like those of the models, of numbers that a float32 holds exactly. */
function makeVector(variant: number, size: number): number[] {
  const raw = Array.from({ length: size }, (_, index) => Math.sin((variant + 1) * (index + 1)));
  const length = Math.hypot(...raw);
  return raw.map((value) => Math.fround(value / length));
}

function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}

function hash(text: string): number {
  let value = 0;
  for (let index = 0; index < text.length; index += 1) value = (value * 31 + text.charCodeAt(index)) >>> 0;
  return value;
}
