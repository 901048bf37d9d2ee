/** An object of a JSON text, of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses the JSON of an object; anything else is `undefined`. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether a parsed value is an object, and no list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
