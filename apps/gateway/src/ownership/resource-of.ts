/** The hosts of one resource have its name in common, which is unique in Azure. */
const OF_AZURE = /^([\w-]+)\.(?:openai|cognitiveservices|services\.ai)(\.azure\.\w+)\.?$/;

/**
 * Returns what the URLs of one resource have in common, however they are written: all of them reach the same stored
 * objects.
 */
export function resourceOf(url: string): string {
  const { protocol, host, hostname, pathname } = new URL(url);
  const path = pathname.replaceAll(/\/{2,}/g, '/').replace(/\/$/, '');
  const [, name, domain] = OF_AZURE.exec(hostname) ?? [];
  return (name === undefined ? `${protocol}//${host}` : `${name}${domain}`) + path;
}
