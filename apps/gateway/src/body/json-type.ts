/** Returns whether a content type is JSON or a kind of it, such as `application/problem+json`. */
export function isJsonType(contentType: string): boolean {
  return /^application\/(?:.*\+)?json\b/i.test(contentType);
}
