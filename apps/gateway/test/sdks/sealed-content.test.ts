import type { ResponseInput } from 'openai/resources/responses/responses';
import { expect, test } from 'vitest';
import { startGatewayFor } from '../testing/start-scene.ts';
import { startSealingBackend } from '../testing/start-sealing-backend.ts';
import { openaiClients } from './openai-clients.ts';

const agent = { model: 'gpt-5', store: false, include: ['reasoning.encrypted_content' as const] };

test.each(openaiClients)(
  '%s goes on with sealed reasoning over two equal backends, in twenty conversations of five turns',
  async (_, connect) => {
    const backends = [await startSealingBackend('a'), await startSealingBackend('b')];
    const gateway = await startGatewayFor(
      backends.map(({ url }, index) => ({ name: 'ab'[index] ?? '', url, apiKey: 'x' })),
    );
    const { responses } = connect(gateway);
    for (let conversation = 0; conversation < 20; conversation++) {
      let items: object[] = [{ role: 'user', content: 'Hello' }];
      for (let turn = 0; turn < 5; turn++) {
        const input = items as ResponseInput;
        const made =
          turn % 2 === 0
            ? await responses.create({ ...agent, input })
            : await responses.stream({ ...agent, input }).finalResponse();
        items = [...items, ...made.output, { role: 'user', content: 'And?' }];
      }
    }
    const refused = backends.flatMap(({ calls }) => calls).filter((call) => !call.endsWith(' 200'));
    expect(refused).toEqual([]);
    expect(backends.every(({ calls }) => calls.length > 0)).toBe(true);
  },
);
