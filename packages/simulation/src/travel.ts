/** How long requests and refusals are on their way between a replica and a backend. */
export interface Travel {
  toBackendMs(): number;
  refusalMs(): number;
}
