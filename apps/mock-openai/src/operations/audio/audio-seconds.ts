const mp3BytesPerSecond = 16_000;
const wavHeaderBytes = 44;

/** Tells how long a recording is: exactly of a WAV, of anything else as if it were an MP3 of 128 kbit/s. */
export function audioSeconds(bytes: Buffer): number {
  return Math.round(secondsOf(bytes) * 100) / 100;
}

function secondsOf(bytes: Buffer): number {
  const isWav = bytes.length > wavHeaderBytes && bytes.toString('latin1', 0, 4) === 'RIFF';
  const bytesPerSecond = isWav ? bytes.readUInt32LE(28) : mp3BytesPerSecond;
  const samples = isWav ? bytes.length - wavHeaderBytes : bytes.length;
  return bytesPerSecond === 0 ? 0 : samples / bytesPerSecond;
}
