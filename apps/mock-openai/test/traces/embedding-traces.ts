import { askMock } from './ask-mock.ts';
import type { Trace } from './trace.ts';

interface Embeddings {
  readonly data: readonly { readonly embedding: string | readonly number[] }[];
}

const path = '/openai/deployments/text-embedding-ada-002/embeddings?api-version=2024-10-21';

/** Embeddings in the encoding that openai-node asks for by default. */
export const embeddingTraces: readonly Trace[] = [
  {
    what: 'embeddings with `encoding_format: "base64"`',
    grade: 'V',
    source: 'openai-node, which reads them as little-endian float32',
    wild: [
      '{"object":"list","data":[{"object":"embedding","index":0,"embedding":"<base64>"}],"model":"text-embedding-ada-002","usage":{"prompt_tokens":<n>,"total_tokens":<n>}}',
      'as little-endian float32: the numbers of "float"',
    ],
    ask: async () => {
      const body = { input: 'Hello' };
      const packed = await askMock({}, { path, body: { ...body, encoding_format: 'base64' } });
      const plain = await askMock({}, { path, body });
      const isEqual = readFloats(packed.body).join() === readFloats(plain.body).join();
      const told = packed.body
        .trimEnd()
        .replace(/"embedding":"[\w+/]+=*"/, '"embedding":"<base64>"')
        .replaceAll(/_tokens":\d+/g, '_tokens":<n>');
      return [told, `as little-endian float32: ${isEqual ? '' : 'not '}the numbers of "float"`];
    },
  },
];

function readFloats(json: string): Float32Array {
  const { data } = JSON.parse(json) as Embeddings;
  const embedding = data[0]?.embedding ?? [];
  if (typeof embedding !== 'string') return Float32Array.from(embedding);
  const bytes = Buffer.from(embedding, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
