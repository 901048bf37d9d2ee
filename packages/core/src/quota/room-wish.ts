import type { Need } from '../token-estimate.ts';

/** What room is looked for. */
export interface RoomWish {
  readonly need: Need | undefined;
  /** The share of every quota that is kept for more urgent requests. */
  readonly reserved: number;
}
