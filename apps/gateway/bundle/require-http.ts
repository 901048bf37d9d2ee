import type { Plugin } from 'rolldown';

const MODULE = /^(?:node:)?https?$/;
const PREFIX = '\0required:';

/**
 * Requires `node:http` where the sources import it. An import reads all exports of the module, and two of these make
 * Node load its built-in undici: a tenth of the gateway's start-up time.
 */
export function requireHttp(): Plugin {
  return {
    name: 'require-http',
    resolveId(id, importer = '') {
      return MODULE.test(id) && !importer.startsWith(PREFIX) ? PREFIX + id : null;
    },
    load(id) {
      return id.startsWith(PREFIX) ? `module.exports = require('${id.slice(PREFIX.length)}');` : null;
    },
  };
}
