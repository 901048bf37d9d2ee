import type { Plugin } from 'rolldown';

/**
 * Parts of libraries that the gateway never calls, as it parses no body, serves no file, speaks no HTTP/2 and logs on
 * no thread. They would be two fifths of the bundle, and V8 reads the whole file before it runs the first line.
 */
const LEFT_OUT: Readonly<Record<string, readonly RegExp[]>> = {
  express: [/^body-parser$/, /^serve-static$/, /^send$/, /^qs$/],
  'mime-types': [/^mime-db$/],
  pino: [/^thread-stream$/],
  undici: [/\/milo\/(?:no-)?simd\.js$/, /\/client-h2\.js$/, /\/web\/(?:fetch|webidl)(?:\/\w+(?:\.js)?)?$/],
};

const PREFIX = '\0left-out:';

/** Replaces each of them by something that throws when called. */
export function leaveOut(): Plugin {
  return {
    name: 'leave-out',
    resolveId(id, importer = '') {
      const library = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(importer)?.[1] ?? '';
      return LEFT_OUT[library]?.some((pattern) => pattern.test(id)) ? PREFIX + id : null;
    },
    load(id) {
      return id.startsWith(PREFIX) ? render(id.slice(PREFIX.length)) : null;
    },
  };
}

/** Libraries destructure functions from their modules as they load, however deep. */
function render(id: string): string {
  const message = JSON.stringify(`${id} is not in the bundle: see bundle/leave-out.ts`);
  return `module.exports = new Proxy(function () { throw new Error(${message}); }, { get: () => module.exports });`;
}
