import { makeReply } from '../reply.ts';
import { transcriptFormats } from './transcript-format.ts';
import type { InvalidAnswer, ModelAnswer, ModelCall } from '../../calls/model-call.ts';
import type { FormFile } from '../../http/read-form.ts';
import type { Reply } from '../reply.ts';
import type { Transcript } from './transcript-format.ts';

const extensions = ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm'];
const tokensPerSecond = 10;
const mp3BytesPerSecond = 16_000;
const wavHeaderBytes = 44;

/** Answers with the transcript of a recording, in its language. */
export function transcribe(call: ModelCall): ModelAnswer {
  return hear(call, 'transcribe');
}

/** Answers with the English translation of a recording. */
export function translate(call: ModelCall): ModelAnswer {
  return hear(call, 'translate');
}

function hear(call: ModelCall, task: Transcript['task']): ModelAnswer {
  const { body, form, deployment, mockName, completionTokens } = call;
  const file = form?.files['file'];
  const problem = problemOf(file);
  if (file === undefined || problem !== undefined) return problem ?? missing();

  const { response_format: name = 'json', language = 'english', stream } = body;
  const write = Object.hasOwn(transcriptFormats, String(name)) ? transcriptFormats[String(name)] : undefined;
  if (write === undefined) {
    const formats = Object.keys(transcriptFormats).map((one) => `'${one}'`);
    const message = `Invalid value: '${String(name)}'. Supported values are: ${formats.join(', ')}.`;
    return { kind: 'invalid', message, param: 'response_format', code: 'invalid_value' };
  }
  const tokens = call.chunks ?? completionTokens;
  const reply = makeReply(mockName, tokens, 'o200k_base');
  const seconds = audioSeconds(file.bytes);
  const isWhisper = !deployment.includes('transcribe');
  const usage = isWhisper ? { type: 'duration', seconds: Math.ceil(seconds) } : tokenUsage(seconds, tokens);
  // Whisper does not stream: it answers in one piece regardless of the request.
  if (stream === 'true' && !isWhisper) return { kind: 'events', frames: frames(reply, usage) };
  const spoken = task === 'translate' ? 'english' : String(language);
  const words = wantsWords(body) ? reply.text.split(' ') : undefined;
  return write({ task, language: spoken, seconds, text: reply.text, words, usage });
}

function* frames({ pieces, text }: Reply, usage: object): Generator<string> {
  for (const delta of pieces) {
    yield `data: ${JSON.stringify({ type: 'transcript.text.delta', delta })}\n\n`;
  }
  yield `data: ${JSON.stringify({ type: 'transcript.text.done', text, usage })}\n\n`;
}

function tokenUsage(seconds: number, outputTokens: number): object {
  const inputTokens = Math.ceil(seconds * tokensPerSecond);
  return {
    type: 'tokens',
    input_tokens: inputTokens,
    input_token_details: { audio_tokens: inputTokens, text_tokens: 0 },
    output_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}

function wantsWords(body: Readonly<Record<string, unknown>>): boolean {
  const { timestamp_granularities: granularities } = body;
  return Array.isArray(granularities) ? granularities.includes('word') : granularities === 'word';
}

function problemOf(file: FormFile | undefined): InvalidAnswer | undefined {
  if (file === undefined) return missing();
  if (!extensions.includes(file.name.split('.').at(-1)?.toLowerCase() ?? '')) {
    const formats = extensions.map((one) => `'${one}'`).join(', ');
    return { kind: 'invalid', message: `Invalid file format. Supported formats: [${formats}]`, param: null };
  }
  if (file.bytes.length > 0) return undefined;
  const message = 'Audio file is too short. Minimum audio length is 0.1 seconds.';
  return { kind: 'invalid', message, param: 'file', code: 'audio_too_short' };
}

function missing(): InvalidAnswer {
  const message = "Missing required parameter: 'file'.";
  return { kind: 'invalid', message, param: 'file', code: 'missing_required_parameter' };
}

/** Returns the length of a recording: exact for a WAV, for anything else as if it were an MP3 of 128 kbit/s. */
function audioSeconds(bytes: Buffer): number {
  return Math.round(secondsOf(bytes) * 100) / 100;
}

function secondsOf(bytes: Buffer): number {
  const isWav = bytes.length > wavHeaderBytes && bytes.toString('latin1', 0, 4) === 'RIFF';
  const bytesPerSecond = isWav ? bytes.readUInt32LE(28) : mp3BytesPerSecond;
  const samples = isWav ? bytes.length - wavHeaderBytes : bytes.length;
  return bytesPerSecond === 0 ? 0 : samples / bytesPerSecond;
}
