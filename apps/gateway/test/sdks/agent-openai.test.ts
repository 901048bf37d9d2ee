import { describe, expect, test } from 'vitest';
import {
  about,
  askThroughTrouble,
  question,
  spilled,
  startAgentScene,
  weatherJson,
  weatherOf,
} from './agent-scene.ts';
import { openaiClients } from './openai-clients.ts';
import type OpenAI from 'openai';
import type { RunnableToolFunctionWithParse } from 'openai/lib/RunnableFunction';
import type { ResponseCreateParamsNonStreaming, ResponseInput } from 'openai/resources/responses/responses';

const model = 'gpt-4o';

/** The tool in the form of the package's own loop; it records its arguments. */
function weatherTool(cities: string[]): RunnableToolFunctionWithParse<{ city: string }> {
  return {
    type: 'function',
    function: {
      name: 'get_weather',
      description: about,
      parameters: weatherJson,
      parse: JSON.parse,
      function: ({ city }) => {
        cities.push(city);
        return weatherOf({ city });
      },
    },
  };
}

type Body = Omit<ResponseCreateParamsNonStreaming, 'input'>;
type Respond = (body: ResponseCreateParamsNonStreaming) => Promise<OpenAI.Responses.Response>;

const responds: readonly (readonly [string, (client: OpenAI) => Respond])[] = [
  ['whole', (client) => async (body) => client.responses.create(body)],
  ['streamed', (client) => (body) => client.responses.stream({ ...body, stream: true }).finalResponse()],
];

const body: Body = {
  model,
  tools: [{ type: 'function', name: 'get_weather', parameters: weatherJson, strict: true }],
};

/** Runs the tools that a response calls. */
function resultsOf({ output }: OpenAI.Responses.Response): ResponseInput {
  return output.flatMap((item) =>
    item.type === 'function_call'
      ? [
          {
            type: 'function_call_output',
            call_id: item.call_id,
            output: weatherOf(JSON.parse(item.arguments)),
          },
        ]
      : [],
  );
}

/** Asks until no tool is called, sending the whole history with each call. */
async function askWithHistory(respond: Respond, history: ResponseInput, rest: object = {}): Promise<string> {
  history.push({ role: 'user', content: question });
  for (;;) {
    const response = await respond({ ...body, ...rest, input: history });
    history.push(...(response.output as ResponseInput), ...resultsOf(response));
    if (response.output.every(({ type }) => type !== 'function_call')) return response.output_text;
  }
}

describe.each(openaiClients)('%s', (_, connect) => {
  test('runs its tools while the first backend throttles, fails and recovers', async () => {
    const scene = await startAgentScene();
    const cities: string[] = [];
    const { completions } = connect(scene).chat;
    const ask = async () => {
      const messages = [{ role: 'user' as const, content: question }];
      const runner = completions.runTools({ model, messages, tools: [weatherTool(cities)] });
      return (await runner.finalContent()) ?? '';
    };
    expect(await askThroughTrouble(scene, ask)).toEqual(spilled(2));
    expect(cities).toEqual(['Oslo', 'Rome', 'Oslo', 'Rome', 'Oslo', 'Rome']);
  });

  test('runs its tools in streams while the first backend throttles, fails and recovers', async () => {
    const scene = await startAgentScene();
    const cities: string[] = [];
    const { completions } = connect(scene).chat;
    const ask = async () => {
      const messages = [{ role: 'user' as const, content: question }];
      const runner = completions.runTools({ model, messages, tools: [weatherTool(cities)], stream: true });
      return (await runner.finalContent()) ?? '';
    };
    expect(await askThroughTrouble(scene, ask)).toEqual(spilled(2));
    expect(cities.length).toBe(6);
  });

  describe.each(responds)('with responses that are %s', (_, respond) => {
    test('runs its tools and stores nothing, while the first backend throttles, fails and recovers', async () => {
      const scene = await startAgentScene();
      const history: ResponseInput = [];
      const ask = () => askWithHistory(respond(connect(scene)), history, { store: false });
      expect(await askThroughTrouble(scene, ask)).toEqual(spilled(2));
    });

    test('continues what the second backend stored when the first has recovered', async () => {
      const scene = await startAgentScene();
      const ask = respond(connect(scene));
      scene.mocks[0]?.setScript('throttle(retry-after-ms=1)');
      const called = await ask({ ...body, input: question });
      scene.mocks[0]?.setScript('ok');
      const results = resultsOf(called);
      expect(results.length).toBe(2);
      const said = await ask({ ...body, input: results, previous_response_id: called.id });
      expect(said.output_text).toBe('Hello from b.');
    });
  });
});
