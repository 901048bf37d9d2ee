/**
 * Returns whether `NO_PROXY` names the host of a URL. The rules are those of undici’s `EnvHttpProxyAgent`, which keeps them
 * to itself: a name covers the names below it, with a dot before it or without; `*.` only those below; `*` everything.
 *
 * @param noProxy entries between commas or spaces, each with a port where it is for that one only
 */
export function isNamedBy(noProxy: string, { protocol, hostname, port }: URL): boolean {
  const ownPort = Number(port) || (protocol === 'https:' ? 443 : 80);
  return noProxy
    .split(/[,\s]/)
    .filter((entry) => entry !== '')
    .some((entry) => covers(entry, plainName(hostname), ownPort));
}

/** Without a port, an IPv6 address may stand without brackets. */
const WITH_PORT = /^(\[.+\]|[^:]+):(\d+)$/;

function covers(entry: string, host: string, port: number): boolean {
  const [, before = entry, ofPort] = WITH_PORT.exec(entry) ?? [];
  if ((Number(ofPort) || port) !== port) return false;
  const name = plainName(before.replace(/^\*?\./, ''));
  if (name === '*' || host.endsWith(`.${name}`)) return true;
  return host === name && !entry.startsWith('*');
}

/** A dot at the end only says that a name is complete. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^\[(.+)\]$/, '$1')
    .replace(/(.)\.$/, '$1');
}
