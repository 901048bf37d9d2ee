const SEALED = String.raw`(?:encrypted|compaction|reasoning)`;
const CONTENT = String.raw`(?:encrypted|compaction|reasoning (?:content|item))`;
const CANNOT = String.raw`(?:could not|cannot|can't|can not|unable to|failed to)`;
const READ = String.raw`(?:be )?(?:verif|decrypt|decod|parse|validat)\w*`;

const CODE = /\binvalid_encrypted_content\b|"param"\s*:\s*"[^"]{0,200}\bencrypted_content"/i;
/** "The encrypted content for item rs_1 could not be verified", "Could not decode the compaction blob". */
const MESSAGE = new RegExp(
  [
    String.raw`\b(?:${SEALED}|thinking (?:block|content|signature))\b[^"\n]{0,300}?\b${CANNOT} ${READ}`,
    String.raw`\b${CANNOT} ${READ}[^"\n]{0,60}?${SEALED}`,
    String.raw`\binvalid encrypted[ _]content\b`,
    String.raw`\b${CONTENT}\b[^"\n]{0,100}?\b(?:(?:verification|decryption) failed|mismatch|(?:did|does) not match)`,
    String.raw`\b(?:verification|decryption) of[^"\n]{0,40}?${CONTENT}[^"\n]{0,40}? failed`,
    String.raw`\b${CONTENT}\b[^"\n]{0,100}?\b(?:different|another) (?:resource|organization|region|account|project|tenant)\b`,
  ].join('|'),
  'i',
);

/**
 * Returns whether an error says that the backend cannot read content in the request because another backend sealed it.
 * Azure has sent it with and without a code.
 */
export function saysSealedElsewhere(text: string): boolean {
  return CODE.test(text) || MESSAGE.test(text);
}

const SIGNED =
  /\binvalid\W{1,3}(?:signature|data|encrypted_\w+)\W{1,3}in\W{1,3}(?:redacted_)?(?:thinking|\w*search\w*)\b/i;

/** Returns whether a Claude says that it has not signed or sealed the thinking or the search results in a request. */
export function saysSignedElsewhere(message: string): boolean {
  return SIGNED.test(message);
}
