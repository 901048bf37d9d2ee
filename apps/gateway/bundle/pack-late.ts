import { type Plugin, rolldown } from 'rolldown';

const PREFIX = '\0late:';

/**
 * Packs libraries that are rarely needed as texts, each with what it depends on, and compiles one when it is first
 * imported. V8 passes over a text; code it would have to read, whether it is ever run or not.
 *
 * @param exportsOf what is imported of each library
 */
export function packLate(exportsOf: Readonly<Record<string, readonly string[]>>): Plugin {
  return {
    name: 'pack-late',
    resolveId: (id) => (Object.hasOwn(exportsOf, id) ? PREFIX + id : null),
    async load(id) {
      const library = id.slice(PREFIX.length);
      const names = id.startsWith(PREFIX) ? exportsOf[library] : undefined;
      return names === undefined ? null : render(await bundleAlone(library, names), names);
    },
  };
}

async function bundleAlone(library: string, names: readonly string[]): Promise<string> {
  const entry: Plugin = {
    name: 'entry',
    resolveId: (id) => (id === 'entry' ? `${import.meta.dirname}/entry.js` : null),
    load: (id) =>
      id === `${import.meta.dirname}/entry.js` ? `export { ${names.join(', ')} } from '${library}';` : null,
  };
  const bundle = await rolldown({ input: 'entry', platform: 'node', plugins: [entry] });
  const { output } = await bundle.generate({ format: 'cjs', codeSplitting: false, minify: true });
  return output[0].code;
}

function render(code: string, names: readonly string[]): string {
  return `
    import { createRequire } from 'node:module';
    import { compileFunction } from 'node:vm';
    const exports = {};
    compileFunction(${JSON.stringify(code)}, ['exports', 'require'])(exports, createRequire(import.meta.url));
    export const { ${names.join(', ')} } = exports;`;
}
