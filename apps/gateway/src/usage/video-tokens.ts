import { TOKENS_PER_IMAGE } from './estimate-tokens.ts';
import { findNumberIn } from './find-number.ts';

/** A second of a video costs at least as much as an image. */
const TOKENS_PER_SECOND = TOKENS_PER_IMAGE;
/** The API's defaults. A new version of a video is as long as the old one, which is not known here. */
const USUAL_SECONDS: Readonly<Record<string, number>> = { videos: 4, 'video/generations/jobs': 5 };
const LONGEST_SECONDS = 20;
const MAX_VARIANTS = 16;
const SECONDS = ['seconds', 'n_seconds'];
const VARIANTS = ['n_variants'];
const WANTED: ReadonlySet<string> = new Set([...SECONDS, ...VARIANTS]);

/** Returns the tokens that the requested videos count as: no answer reports any. */
export function videoTokens(operation: string, body: Buffer, contentType: string | undefined): number {
  const find = findNumberIn(body, contentType, WANTED);
  const seconds = find(SECONDS, LONGEST_SECONDS) ?? USUAL_SECONDS[operation] ?? LONGEST_SECONDS;
  return seconds * (find(VARIANTS, MAX_VARIANTS) ?? 1) * TOKENS_PER_SECOND;
}
