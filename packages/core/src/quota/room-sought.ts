import type { TokenEstimate } from '../token-estimate.ts';

/** What room is looked for. */
export interface RoomSought {
  readonly estimate: TokenEstimate | undefined;
  /** The share of every quota that is kept for more urgent requests. */
  readonly reserved: number;
}
