import { createHash } from 'node:crypto';
import type { PromptPart } from './prompt.ts';

/** Writes a part before the messages, such as tools. */
export function renderSchemas(schemas: readonly unknown[], tokens: number): PromptPart {
  const texts = schemas.map((schema) => JSON.stringify(schema ?? null));
  return { text: `${texts.join('\n')}\n`, tokens };
}

/** Writes a message. */
export function renderMessage(message: unknown, tokens: number): PromptPart {
  if (typeof message !== 'object' || message === null)
    return { text: `${JSON.stringify(message)}\n`, tokens };
  const { role, content, ...rest } = message as Readonly<Record<string, unknown>>;
  return {
    text: `${JSON.stringify(role ?? null)}\n${renderContent(content)}\n${JSON.stringify(rest)}\n`,
    tokens,
  };
}

function renderContent(content: unknown): string {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map(renderPiece).join('\n') : JSON.stringify(content ?? null);
}

/** A text unchanged; for an image, and anything else, a hash instead of its megabytes. */
function renderPiece(piece: unknown): string {
  if (typeof piece !== 'object' || piece === null) return JSON.stringify(piece);
  const { type, text } = piece as Readonly<Record<string, unknown>>;
  if (typeof text === 'string') return text;
  const hash = createHash('sha1').update(JSON.stringify(piece)).digest('hex');
  // As long as a text with the token count of an image.
  return type === 'image_url' || type === 'input_image' ? hash.repeat(8) : hash;
}
