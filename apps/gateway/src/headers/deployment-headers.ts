/**
 * For example the deployment that generates the images of a response (`x-ms-oai-image-generation-deployment`), which
 * Azure does not take from the tool's `model`, and the one that takes over when provisioned throughput is used up
 * (`x-ms-spillover-deployment`). Some servers read an underscore as a dash.
 */
const NAMES_DEPLOYMENT = /(?:^|[-_])deployment(?:[-_](?:name|id))?$/;

/** Returns whether a header names a further deployment besides that of its request. */
export function isDeploymentHeader(lowerCase: string): boolean {
  return lowerCase.includes('deployment') && NAMES_DEPLOYMENT.test(lowerCase);
}

/**
 * Puts a backend's own names into the headers that name deployments.
 *
 * @param headers alternating names and values, changed in place
 * @param names the clients' names of deployments, and the backend's
 */
export function renameInHeaders(headers: string[], names: ReadonlyMap<string, string>): void {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (!isDeploymentHeader(headers[i]?.toLowerCase() ?? '')) continue;
    const name = headers[i + 1] ?? '';
    headers[i + 1] = names.get(name) ?? name;
  }
}
