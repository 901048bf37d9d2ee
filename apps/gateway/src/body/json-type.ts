/** Returns whether a content type is JSON or a kind of it, such as `application/problem+json`, or what some call it, `text/json`. */
export function isJsonType(contentType: string): boolean {
  return /^(?:application\/(?:.*\+)?|text\/)json\b/i.test(contentType);
}
