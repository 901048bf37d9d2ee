/** Names the deployment that draws the images of a response, which Azure does not take from the tool's `model`. */
const HEADER = 'x-ms-oai-image-generation-deployment';

/**
 * Puts a backend's own name in the header that names the deployment of a response's images.
 *
 * @param headers names and values in turn, which are changed
 * @param names what clients call deployments, and what the backend does
 */
export function renameImageDeployment(headers: string[], names: ReadonlyMap<string, string>): void {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== HEADER) continue;
    const name = headers[i + 1] ?? '';
    headers[i + 1] = names.get(name) ?? name;
  }
}
