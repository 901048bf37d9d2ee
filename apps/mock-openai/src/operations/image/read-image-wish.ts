import type { InvalidAnswer } from '../../calls/model-call.ts';

/** The images that a request asks for. */
export interface ImageWish {
  readonly prompt: string;
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly quality: string;
  /** Undefined where the request does not say. */
  readonly responseFormat: string | undefined;
}

const mostImages = 10;
const largestSide = 4096;

/** Reads which images a request asks for, or why it cannot be accepted; the fields of a form are texts. */
export function readImageWish(
  body: Readonly<Record<string, unknown>>,
): { readonly kind: 'wish'; readonly wish: ImageWish } | InvalidAnswer {
  const { prompt, n = 1, size = 'auto', quality = 'auto', response_format: format } = body;
  if (typeof prompt !== 'string' || prompt === '') {
    const message = "Missing required parameter: 'prompt'.";
    return { kind: 'invalid', message, param: 'prompt', code: 'missing_required_parameter' };
  }
  const count = Number(n);
  if (!Number.isInteger(count) || count < 1 || count > mostImages) {
    const message = `Invalid 'n': expected a whole number from 1 to ${mostImages}, but got ${JSON.stringify(n)} instead.`;
    return { kind: 'invalid', message, param: 'n', code: 'invalid_value' };
  }
  const sides = readSize(size);
  if (sides === undefined) {
    const message = `Invalid value: ${JSON.stringify(size)}. Supported values are 'auto' and sizes such as '1024x1024'.`;
    return { kind: 'invalid', message, param: 'size', code: 'invalid_value' };
  }
  const [width, height] = sides;
  const responseFormat = typeof format === 'string' ? format : undefined;
  return {
    kind: 'wish',
    wish: { prompt, count, width, height, quality: String(quality), responseFormat },
  };
}

function readSize(size: unknown): readonly [number, number] | undefined {
  if (size === 'auto') return [1024, 1024];
  const match = /^(\d{2,4})x(\d{2,4})$/.exec(String(size));
  if (match === null) return undefined;
  const [width, height] = [Number(match[1]), Number(match[2])];
  return width <= largestSide && height <= largestSide ? [width, height] : undefined;
}
