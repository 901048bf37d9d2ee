/** A JSON object of unknown content. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses a JSON object, which may come behind a byte order mark. Returns `undefined` for anything else. */
export function parseJsonObject(text: string): JsonObject | undefined {
  const value = parse(text);
  return isJsonObject(value) ? value : undefined;
}

/** Parses the JSON of an object, or of a list that begins with one; it may come behind a byte order mark. */
export function parseFirstObject(text: string): JsonObject | undefined {
  const value = parse(text);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isJsonObject(first) ? first : undefined;
}

function parse(text: string): unknown {
  try {
    // The byte order mark counts as white space here, but not in JSON.
    return JSON.parse(text.trimStart());
  } catch {
    return undefined;
  }
}

/** Returns whether a parsed value is an object, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
