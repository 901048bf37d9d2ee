/**
 * Returns whether a content type is JSON or based on it, such as `application/problem+json`, or the unofficial
 * `text/json`.
 */
export function isJsonType(contentType: string): boolean {
  return contentType === 'application/json' || /^(?:application\/(?:.*\+)?|text\/)json\b/i.test(contentType);
}
