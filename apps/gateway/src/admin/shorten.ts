const MAX_LENGTH = 64;
/** The first half of a cut emoji, for example. */
const HALF_CHARACTER = /[\ud800-\udbff]$/;

/** Returns a name shortened for display: clients may call a deployment whatever they like. */
export function shorten<Name extends string | undefined>(name: Name): Name {
  if (name === undefined || name.length <= MAX_LENGTH) return name;
  const beginning = name.slice(0, MAX_LENGTH - 1).replace(HALF_CHARACTER, '');
  return `${beginning}…` as Name;
}
