/** The encodings that OpenAI's models use, by the names of their tables. */
export type Encoding = 'o200k_base' | 'cl100k_base';

const older = /^(gpt-35|gpt-3\.5|gpt-4(?![o.\d])|text-embedding|(davinci|babbage)-002)/;
const newer = /^(gpt|chatgpt|o\d|computer-use|codex)/;

/**
 * Returns the encoding of a deployment's model, by the family that its name begins with; `usual` is for unknown names.
 */
export function encodingOf(deployment: string, usual: Encoding): Encoding {
  if (older.test(deployment)) return 'cl100k_base';
  return newer.test(deployment) ? 'o200k_base' : usual;
}
