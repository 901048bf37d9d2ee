/**
 * Such as the deployment that draws the images of a response (`x-ms-oai-image-generation-deployment`), which Azure does not take
 * from the tool's `model`, and the one that takes over where provisioned throughput is used up (`x-ms-spillover-deployment`).
 */
const NAMES_DEPLOYMENT = /(?:^|-)deployment(?:-(?:name|id))?$/;

/** Returns whether a header names a deployment beside that of its request. */
export function isDeploymentHeader(lowerCase: string): boolean {
  return lowerCase.includes('deployment') && NAMES_DEPLOYMENT.test(lowerCase);
}

/**
 * Puts a backend's own names in the headers that name deployments.
 *
 * @param headers names and values in turn, which are changed
 * @param names what clients call deployments, and what the backend does
 */
export function renameInHeaders(headers: string[], names: ReadonlyMap<string, string>): void {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (!isDeploymentHeader(headers[i]?.toLowerCase() ?? '')) continue;
    const name = headers[i + 1] ?? '';
    headers[i + 1] = names.get(name) ?? name;
  }
}
