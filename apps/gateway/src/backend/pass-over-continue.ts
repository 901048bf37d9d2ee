import type { Socket } from 'node:net';
import { kParser } from 'undici/lib/core/symbols.js';

/** The reader of a connection's answers, as far as it is needed here. */
interface Parser {
  onHeadersComplete(status: number, ...rest: unknown[]): number;
}

const CONTINUE = 100;
const PROCESSING = 102;
const taught = new WeakSet<Parser>();

/**
 * Lets a backend send `100 Continue` although no request asks for it, as some servers and proxies do with every body: a
 * client has to pass over it (RFC 9110 §15.2). undici breaks the connection off, but passes over every other 1xx.
 *
 * @param socket a connection that undici has taken over
 */
export function passOverContinue(socket: Socket & { readonly [kParser]?: Parser | null }): void {
  const parser = socket[kParser] ?? undefined;
  if (parser === undefined) return;
  // All connections share it, so this is done once.
  const methods = Object.getPrototypeOf(parser) as Parser;
  if (taught.has(methods)) return;
  taught.add(methods);
  const { onHeadersComplete } = methods;
  methods.onHeadersComplete = function (status, ...rest) {
    return onHeadersComplete.call(this, status === CONTINUE ? PROCESSING : status, ...rest);
  };
}
