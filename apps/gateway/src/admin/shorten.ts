const MAX_LENGTH = 64;
/** What cutting leaves of an emoji, for one. */
const HALF_CHARACTER = /[\ud800-\udbff]$/;

/** Returns a name as it is shown where there is little room: clients may call a deployment whatever they like. */
export function shorten<Name extends string | undefined>(name: Name): Name {
  if (name === undefined || name.length <= MAX_LENGTH) return name;
  const beginning = name.slice(0, MAX_LENGTH - 1).replace(HALF_CHARACTER, '');
  return `${beginning}…` as Name;
}
