/**
 * Some Windows programs begin every text with it. It may be ignored in JSON (RFC 8259 §8.1), and in events (WHATWG HTML
 * §9.2.5).
 */
export const BYTE_ORDER_MARK = Buffer.from('\u{feff}');

/** Returns where the text in a body begins: after a byte order mark, if it has one. */
export function startOfText(body: Buffer): number {
  // Hardly any body has one, and the first byte tells.
  if (body[0] !== BYTE_ORDER_MARK[0]) return 0;
  return body.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.length : 0;
}

/** Returns whether a body so far may become a byte order mark, of which a part is missing. */
export function isPartOfMark(body: Buffer): boolean {
  const isShort = body.length > 0 && body.length < BYTE_ORDER_MARK.length;
  return isShort && BYTE_ORDER_MARK.indexOf(body) === 0;
}

/**
 * Parses a JSON body.
 *
 * @throws SyntaxError if it is not JSON
 */
export function parseBody(body: Buffer): unknown {
  return JSON.parse(body.toString('utf8', startOfText(body)));
}
