import type { ModelAnswer } from '../../calls/model-call.ts';

/** The heard text. */
export interface Transcript {
  readonly task: 'transcribe' | 'translate';
  readonly language: string;
  readonly seconds: number;
  readonly text: string;
  /** The text's words, when their times are asked for. */
  readonly words: readonly string[] | undefined;
  /** The charge for it. */
  readonly usage: object;
}

const plainText = 'text/plain; charset=utf-8';

/** How a transcript is written, by the name of its format. */
export const transcriptFormats: Readonly<Record<string, (transcript: Transcript) => ModelAnswer>> = {
  json: ({ text, usage }) => ({ kind: 'json', body: JSON.stringify({ text, usage }) }),
  text: ({ text }) => ({ kind: 'text', contentType: plainText, body: `${text}\n` }),
  srt: ({ text, seconds }) => ({
    kind: 'text',
    contentType: plainText,
    body: `1\n${timestamp(0, ',')} --> ${timestamp(seconds, ',')}\n${text}\n\n`,
  }),
  vtt: ({ text, seconds }) => ({
    kind: 'text',
    contentType: plainText,
    body: `WEBVTT\n\n${timestamp(0, '.')} --> ${timestamp(seconds, '.')}\n${text}\n\n`,
  }),
  verbose_json: (transcript) => ({ kind: 'json', body: JSON.stringify(verbose(transcript)) }),
};

function verbose({ task, language, seconds, text, words, usage }: Transcript): object {
  const segment = {
    id: 0,
    seek: 0,
    start: 0,
    end: seconds,
    text,
    tokens: [],
    temperature: 0,
    avg_logprob: -0.2,
    compression_ratio: 1,
    no_speech_prob: 0.01,
  };
  const common = { task, language, duration: seconds, text, segments: [segment] };
  return words === undefined ? { ...common, usage } : { ...common, words: timed(words, seconds), usage };
}

function timed(words: readonly string[], seconds: number): object[] {
  const each = seconds / words.length;
  return words.map((word, index) => ({ word, start: index * each, end: (index + 1) * each }));
}

function timestamp(seconds: number, point: string): string {
  const whole = new Date(Math.round(seconds * 1000)).toISOString().slice(11, 23);
  return whole.replace('.', point);
}
