import OpenAI, { AzureOpenAI, toFile } from 'openai';

/** Version of the classic API that has every operation. */
const azure = { apiKey: 'client-key', apiVersion: '2025-04-01-preview', maxRetries: 0 };
const v1 = { apiKey: 'client-key', maxRetries: 0 };

/** Both classes of the `openai` package, in every way to point them at a gateway. None of them retries. */
export const openaiClients: readonly (readonly [string, (gateway: { url: string }) => OpenAI])[] = [
  ['AzureOpenAI', ({ url }) => new AzureOpenAI({ ...azure, endpoint: url })],
  ['OpenAI on v1', ({ url }) => new OpenAI({ ...v1, baseURL: `${url}/openai/v1` })],
  ['OpenAI on the bare URL', ({ url }) => new OpenAI({ ...v1, baseURL: url })],
];

/** A second of silence at 16 kHz. */
export function recording(): Promise<File> {
  const wav = Buffer.alloc(44 + 32_000);
  wav.write('RIFF', 0);
  wav.write('WAVE', 8);
  wav.writeUInt32LE(32_000, 28);
  return toFile(wav, 'hello.wav');
}

/** A file of JSON lines. */
export function jsonLines(...lines: readonly unknown[]): Promise<File> {
  return toFile(Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')), 'lines.jsonl');
}
