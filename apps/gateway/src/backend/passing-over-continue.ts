import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
// Node finds no names in this file that an import could list.
import symbols from 'undici/lib/core/symbols.js';

/** The reader of a connection's answers, as far as it is needed here. */
interface Parser {
  onHeadersComplete(status: number, ...rest: unknown[]): number;
}

const CONTINUE = 100;
const PROCESSING = 102;
const taught = new WeakSet<Parser>();

/**
 * Creates a connector whose connections pass over a `100 Continue` that no request asks for, as some servers and proxies
 * send with every body: a client has to (RFC 9110 §15.2). undici breaks the connection off, but passes over every other
 * 1xx.
 */
export function passingOverContinue(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...result) => {
      callback(...result);
      // Only now has undici given it a parser.
      if (result[0] === null) teach(result[1]);
    });
}

function teach(socket: Socket & { readonly [symbols.kParser]?: Parser | null }): void {
  const parser = socket[symbols.kParser] ?? undefined;
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
