const samplesPerSecond = 24_000;
const bytesPerSample = 2;

/** How silence is written: its content type, and the bytes for a number of seconds. */
export interface AudioFormat {
  readonly contentType: string;
  readonly write: (seconds: number) => Buffer;
}

/** The formats of speech that the mock writes. */
export const audioFormats: Readonly<Record<string, AudioFormat>> = {
  mp3: { contentType: 'audio/mpeg', write: silentMp3 },
  wav: { contentType: 'audio/wav', write: silentWav },
  pcm: { contentType: 'audio/pcm', write: silentPcm },
  aac: { contentType: 'audio/aac', write: silentAac },
};

function silentPcm(seconds: number): Buffer {
  return Buffer.alloc(Math.round(seconds * samplesPerSecond) * bytesPerSample);
}

function silentWav(seconds: number): Buffer {
  const samples = silentPcm(seconds);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(samplesPerSecond, 24);
  header.writeUInt32LE(samplesPerSecond * bytesPerSample, 28);
  header.writeUInt16LE(bytesPerSample, 32);
  header.writeUInt16LE(8 * bytesPerSample, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

/** MPEG-1 layer III at 128 kbit/s, 44.1 kHz, mono: frames of 1,152 samples whose side information says that there is no sound. */
function silentMp3(seconds: number): Buffer {
  const frame = Buffer.alloc(417);
  frame.writeUInt32BE(0xff_fb_90_c0, 0);
  return repeat(frame, (seconds * 44_100) / 1152);
}

/** AAC-LC in ADTS at 24 kHz, mono: frames of 1,024 samples. */
function silentAac(seconds: number): Buffer {
  const frame = Buffer.from([0xff, 0xf1, 0x58, 0x40, 0x01, 0xbf, 0xfc, 0x00, 0xc8, 0x00, 0x80, 0x23, 0x80]);
  return repeat(frame, (seconds * samplesPerSecond) / 1024);
}

function repeat(frame: Buffer, times: number): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(times) }, () => frame));
}
