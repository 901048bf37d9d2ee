import { resolve } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

const PREFIX = '\0late:';

/**
 * Packs rarely needed libraries as texts, each with its dependencies, and compiles one when it is first imported. V8
 * skips a text, but would have to parse code whether it is ever run or not.
 *
 * @param exportsOf the imports from each library; for the path of a source file, all of its exports
 */
export function packLate(exportsOf: Readonly<Record<string, readonly string[] | 'all'>>): Plugin {
  const entries = new Map(
    Object.entries(exportsOf).map(([id, names]) => [id.startsWith('.') ? resolve(id) : id, names]),
  );
  return {
    name: 'pack-late',
    resolveId: (id, importer) => (entries.has(idOf(id, importer)) ? PREFIX + idOf(id, importer) : null),
    async load(id) {
      const library = id.slice(PREFIX.length);
      const names = id.startsWith(PREFIX) ? entries.get(library) : undefined;
      return names === undefined ? null : render(await bundleAlone(library, names));
    },
  };
}

function idOf(id: string, importer = ''): string {
  return id.startsWith('.') ? resolve(importer, '..', id) : id;
}

interface Packed {
  readonly code: string;
  readonly exports: readonly string[];
}

async function bundleAlone(library: string, names: readonly string[] | 'all'): Promise<Packed> {
  const wanted = names === 'all' ? '*' : `{ ${names.join(', ')} }`;
  const entry: Plugin = {
    name: 'entry',
    resolveId: (id) => (id === 'entry' ? `${import.meta.dirname}/entry.js` : null),
    load: (id) =>
      id === `${import.meta.dirname}/entry.js` ? `export ${wanted} from ${JSON.stringify(library)};` : null,
  };
  // The modules of OpenTelemetry's exporters require gRPC in a way that is not detected here; its CommonJS files do
  // not.
  const resolve = names === 'all' ? { conditionNames: ['node', 'require', 'default'] } : {};
  const bundle = await rolldown({ input: 'entry', platform: 'node', plugins: [entry], resolve });
  // Code compiled from a text cannot import.
  const required = { dynamicImportInCjs: false } as const;
  const { output } = await bundle.generate({
    format: 'cjs',
    codeSplitting: false,
    minify: true,
    ...required,
  });
  return output[0];
}

function render({ code, exports }: Packed): string {
  return `
    import { createRequire } from 'node:module';
    import { compileFunction } from 'node:vm';
    const exports = {};
    const names = ['exports', 'require', '__filename', '__dirname'];
    const values = [exports, createRequire(import.meta.url), import.meta.filename, import.meta.dirname];
    compileFunction(${JSON.stringify(code)}, names)(...values);
    export const { ${exports.join(', ')} } = exports;`;
}
