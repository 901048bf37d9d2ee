import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const BUFFER_BYTES = 1_048_576;

/** Makes a function that returns the text added to a file since its last call, or all of it at first. */
export function tailFile(file: string): () => string {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(BUFFER_BYTES);
  let at = 0;
  return () => {
    const descriptor = openSync(file, 'r');
    let text = '';
    for (;;) {
      const read = readSync(descriptor, buffer, 0, buffer.length, at);
      if (read === 0) break;
      at += read;
      text += decoder.write(buffer.subarray(0, read));
    }
    closeSync(descriptor);
    return text;
  };
}
