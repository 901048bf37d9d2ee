import { audioFormats } from './silent-audio.ts';
import type { InvalidAnswer, ModelAnswer, ModelCall } from '../../calls/model-call.ts';

const longestInput = 4096;
const longestSeconds = 10;
const charactersPerSecond = 15;

/** Answers with speech: silence for about as long as it would take to say the text, ten seconds at most. */
export function speak({ body }: ModelCall): ModelAnswer {
  const { input, voice, response_format: name = 'mp3' } = body;
  if (typeof input !== 'string' || input === '') return missing('input');
  if (voice === undefined) return missing('voice');
  if (input.length > longestInput) {
    const message = `Invalid 'input': string too long. Expected a string with maximum length ${longestInput}, but got a string with length ${input.length} instead.`;
    return { kind: 'invalid', message, param: 'input', code: 'string_above_max_length' };
  }
  const format = Object.hasOwn(audioFormats, String(name)) ? audioFormats[String(name)] : undefined;
  if (format === undefined) {
    const formats = Object.keys(audioFormats).map((one) => `'${one}'`);
    const message = `Invalid value: '${String(name)}'. The mock speaks ${formats.join(', ')}.`;
    return { kind: 'invalid', message, param: 'response_format', code: 'invalid_value' };
  }
  const seconds = Math.min(longestSeconds, Math.max(1, input.length / charactersPerSecond));
  return { kind: 'binary', contentType: format.contentType, body: format.write(seconds) };
}

function missing(param: string): InvalidAnswer {
  const message = `Missing required parameter: '${param}'.`;
  return { kind: 'invalid', message, param, code: 'missing_required_parameter' };
}
