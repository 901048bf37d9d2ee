const MAX_LENGTH = 64;

/** Returns a name as it is shown where there is little room: clients may call a deployment whatever they like. */
export function shorten<Name extends string | undefined>(name: Name): Name {
  if (name === undefined || name.length <= MAX_LENGTH) return name;
  return `${name.slice(0, MAX_LENGTH - 1)}…` as Name;
}
