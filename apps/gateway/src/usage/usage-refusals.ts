import { deploymentKey } from '@spillway/core';

/** Clients can name any number of deployments. */
const MAX_REMEMBERED = 1000;

/**
 * The deployments whose streams cannot be asked for their usage, although their API version allows it: old models, and
 * other servers.
 */
export class UsageRefusals {
  readonly #deployments = new Set<string>();

  has(deployment: string): boolean {
    if (this.#deployments.size === 0) return false;
    return this.#deployments.has(deployment) || this.#deployments.has(deploymentKey(deployment));
  }

  /** Records a deployment that refused to report its usage, and served the request without that. */
  add(deployment: string): void {
    if (this.#deployments.size < MAX_REMEMBERED) this.#deployments.add(deploymentKey(deployment));
  }
}
