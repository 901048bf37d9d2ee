/** Clients can name any number of deployments. */
const MAX_REMEMBERED = 1000;

/** The deployments whose streams cannot be asked for their usage, although the API version can: old models, and other servers. */
export class UsageRefusals {
  readonly #deployments = new Set<string>();

  has(deployment: string): boolean {
    return this.#deployments.has(deployment);
  }

  /** One has refused to be asked, and has served when it was not. */
  add(deployment: string): void {
    if (this.#deployments.size < MAX_REMEMBERED) this.#deployments.add(deployment);
  }
}
