import { makeId } from '../operations/make-id.ts';
import { isFields } from './conversation.ts';
import type { Fields } from './conversation.ts';
import type { DialectName } from './dialect.ts';

const instructions = 'You are a helpful assistant.';
const sessionSeconds = 30 * 60;

/** Makes a session with its initial settings. */
export function makeSession(dialect: DialectName, model: string): Fields {
  const common = {
    id: makeId('sess_'),
    object: 'realtime.session',
    model,
    instructions,
    tools: [],
    tool_choice: 'auto',
    expires_at: Math.floor(Date.now() / 1000) + sessionSeconds,
  };
  return dialect === 'v1' ? { ...common, ...v1Settings } : { ...common, ...previewSettings };
}

// The mock detects no end of a turn, so it does not claim to: a client commits its audio itself.
const previewSettings: Fields = {
  modalities: ['audio', 'text'],
  voice: 'alloy',
  input_audio_format: 'pcm16',
  output_audio_format: 'pcm16',
  input_audio_transcription: null,
  turn_detection: null,
  temperature: 0.8,
  max_response_output_tokens: 'inf',
};

const pcm = { type: 'audio/pcm', rate: 24_000 };

const v1Settings: Fields = {
  type: 'realtime',
  output_modalities: ['audio'],
  audio: {
    input: { format: pcm, transcription: null, noise_reduction: null, turn_detection: null },
    output: { format: pcm, voice: 'alloy', speed: 1 },
  },
  max_output_tokens: 'inf',
  truncation: 'auto',
  tracing: null,
  include: null,
};

/** Merges new settings into a session's, objects into objects; its identity stays. */
export function updateSession(session: Fields, update: Fields): Fields {
  const { id, object, model, expires_at } = session;
  return { ...merge(session, update), id, object, model, expires_at };
}

function merge(old: Fields, update: Fields): Fields {
  const changes = Object.entries(update).map(([name, value]): [string, unknown] => {
    const before = old[name];
    return [name, isFields(before) && isFields(value) ? merge(before, value) : value];
  });
  return { ...old, ...Object.fromEntries(changes) };
}
