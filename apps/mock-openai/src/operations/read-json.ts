/** Reads a field of a value that may be anything. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Reads a list; anything else is an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Reads the texts of a message's content: a text, or a list of parts, some of which have a text. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const texts = listOf(content).map((part) => fieldOf(part, 'text'));
  return texts.filter((text) => typeof text === 'string').join('\n');
}
