import { findFormFields, isForm } from '../body/form-field.ts';
import { readMembers } from '../body/read-members.ts';
import { RECORDING_BYTES, TOKENS_PER_IMAGE } from './estimate-tokens.ts';
import { meteringOf } from './metering.ts';

/** What is said of a request whose prompt is no text that could be counted. */
interface Expecting {
  readonly method: string;
  readonly operation: string;
  /** As much of it as is kept. */
  readonly body: Buffer;
  readonly contentType: string | undefined;
  readonly contentLength: string | undefined;
}

const CHOICES: ReadonlySet<string> = new Set(['n']);
/** No operation makes more at once. */
const MAX_IMAGES = 128;

/** Returns what images, recordings and speech are expected to take, in tokens, before anything tells; undefined of all else. */
export function expectTokens(expecting: Expecting): number | undefined {
  const { method, operation, body, contentLength } = expecting;
  const bytes = Math.max(body.length, Number(contentLength) || 0);
  switch (meteringOf(method, operation).estimate) {
    case 'images':
      return imagesOf(expecting) * TOKENS_PER_IMAGE;
    case 'recording':
      return Math.ceil(bytes / RECORDING_BYTES);
    case 'speech':
      // A second is 20 tokens, and about as many letters.
      return bytes;
    default:
      return undefined;
  }
}

function imagesOf({ body, contentType }: Expecting): number {
  const [range] = isForm(contentType) ? findFormFields(body, contentType, 'n') : [];
  const { start, end } = range ?? readMembers(body, CHOICES)?.byKey.get('n')?.range ?? { start: 0, end: 0 };
  const images = Number(body.toString('latin1', start, Math.min(end, start + 16)));
  return images >= 1 ? Math.min(Math.floor(images), MAX_IMAGES) : 1;
}
