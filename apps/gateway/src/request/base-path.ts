/** Returns a path and query as if the gateway had no base path. */
export type PathReader = (url: string) => string;

/**
 * Creates the reader of paths that may begin with the configured one, in any letter case and with doubled slashes.
 *
 * @param basePath such as `/openai-load-balancing`; empty for none
 */
export function createPathReader(basePath = ''): PathReader {
  if (basePath === '') return (url) => url;
  // The API's own paths begin with /openai, so that word may belong to the prefix or to the rest.
  const [, before = basePath, own = ''] = /^(.*)(\/openai)$/i.exec(basePath) ?? [];
  const prefix = patternOf(before + own, own === '' ? '' : '(?=/+openai(?:[/?]|$))');
  const outer = patternOf(before, '');
  return (url) => {
    const length = (prefix.exec(url) ?? outer.exec(url) ?? [''])[0].length;
    if (length === 0) return url;
    return url[length] === '/' ? url.slice(length) : `/${url.slice(length)}`;
  };
}

function patternOf(path: string, followedBy: string): RegExp {
  const escaped = path.replaceAll(/[.~-]/g, String.raw`\$&`).replaceAll('/', '/+');
  return new RegExp(`^${escaped}(?=[/?]|$)${followedBy}`, 'i');
}
