import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
// A version and a time come first, as in the service's own tokens, which is why all begin with `gAAAA`.
const version = 0x80;
const headBytes = 9;

/** Seals content so that only the same mock can open it: another mock has another key. */
export class Seal {
  readonly #key = randomBytes(32);

  /** Encrypts a text. */
  close(text: string): string {
    const head = Buffer.alloc(headBytes);
    head.writeUInt8(version);
    head.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000)), 1);
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, this.#key, iv);
    const body = Buffer.concat([cipher.update(text), cipher.final()]);
    const sealed = Buffer.concat([head, iv, cipher.getAuthTag(), body]);
    return sealed.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  }

  /** Decrypts content that this seal encrypted; undefined for anything else. */
  open(sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < headBytes + ivBytes + tagBytes || bytes[0] !== version) return undefined;
    const [iv, tag, body] = [
      bytes.subarray(headBytes, headBytes + ivBytes),
      bytes.subarray(headBytes + ivBytes, headBytes + ivBytes + tagBytes),
      bytes.subarray(headBytes + ivBytes + tagBytes),
    ];
    try {
      const decipher = createDecipheriv(algorithm, this.#key, iv).setAuthTag(tag);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString();
    } catch {
      return undefined;
    }
  }
}
