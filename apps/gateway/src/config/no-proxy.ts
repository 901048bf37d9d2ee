/**
 * Returns whether `NO_PROXY` names the host of a URL. The rules are those of undici’s `EnvHttpProxyAgent`, which does
 * not export them: a name covers the names below it, with or without a dot before it; `*.` only those below; `*`
 * everything.
 *
 * @param noProxy entries separated by commas or spaces, each with a port if it is for that port only
 */
export function isNamedBy(noProxy: string, { protocol, hostname, port }: URL): boolean {
  const ownPort = Number(port) || (protocol === 'https:' ? 443 : 80);
  return noProxy
    .split(/[,\s]/)
    .filter((entry) => entry !== '')
    .some((entry) => covers(entry, plainName(hostname), ownPort));
}

/** Without a port, an IPv6 address may lack its brackets. */
const WITH_PORT = /^(\[.+\]|[^:]+):(\d+)$/;

function covers(entry: string, host: string, port: number): boolean {
  const [, before = entry, ofPort] = WITH_PORT.exec(entry) ?? [];
  if ((Number(ofPort) || port) !== port) return false;
  const name = plainName(before.replace(/^\*?\./, ''));
  if (name === '*' || host.endsWith(`.${name}`)) return true;
  return host === name && !entry.startsWith('*');
}

/** A final dot only marks a name as complete. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^\[(.+)\]$/, '$1')
    .replace(/(.)\.$/, '$1');
}
