const brand = Buffer.from('isom\0\0\u0002\0isomiso2mp41', 'latin1');

/** Makes the beginning of an MP4 file without any picture. */
export function emptyVideo(): Buffer {
  return Buffer.concat([box('ftyp', brand), box('mdat', Buffer.alloc(1024))]);
}

function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}
