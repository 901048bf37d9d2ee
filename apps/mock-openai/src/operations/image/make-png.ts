import { crc32, deflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const cacheSize = 32;
const cache = new Map<string, string>();

/** Makes a black picture of a size, as the base64 of a PNG of a few hundred bytes. */
export function pngBase64(width: number, height: number): string {
  const key = `${width}x${height}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const png = makePng(width, height).toString('base64');
  if (cache.size >= cacheSize) cache.clear();
  cache.set(key, png);
  return png;
}

function makePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // One bit for each point, in shades of grey; the rest of the header is zero.
  header[8] = 1;
  const bytesOfRow = 1 + Math.ceil(width / 8);
  const points = deflateSync(Buffer.alloc(bytesOfRow * height));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', points),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
