import { expect, test } from 'vitest';
import { problemsOf } from '../testing/config-problems.ts';
import { errorOf, post } from '../testing/post.ts';
import { startScene } from '../testing/start-scene.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';

const asBatch = { 'x-spillway-priority': 'batch' };

test.each([true, false])(
  'a request’s class is no backend’s business, whether clients may choose it: %s',
  async (allowHeader) => {
    const scene = await startScene([{}], { priorityClasses: { allowHeader } });
    await post(scene, undefined, undefined, { headers: asBatch });
    expect(Object.keys(scene.mocks[0]!.requests[0]!.headers)).not.toContain('x-spillway-priority');
  },
);

test('a request’s class is in the log where it is not the usual one', async () => {
  const clients = [{ key: 'the-nightly-key', class: 'batch' as const }];
  const scene = await startScene([{}], { priorityClasses: { clients } });
  await post(scene);
  await post(scene, undefined, undefined, { headers: { 'api-key': 'the-nightly-key' } });
  expect(await scene.log.request(1)).not.toHaveProperty('priorityClass');
  expect(await scene.log.request(2)).toMatchObject({ priorityClass: 'batch' });
  expect(scene.log.text).not.toContain('the-nightly-key');
});

test('a request’s class is not in the log where there are no classes', async () => {
  const scene = await startScene([{}]);
  await post(scene, undefined, undefined, { headers: asBatch });
  expect(await scene.log.request()).not.toHaveProperty('priorityClass');
});

test('a request’s class that does not exist is the client’s mistake', async () => {
  const scene = await startScene([{}], { priorityClasses: { allowHeader: true } });
  const response = await post(scene, undefined, undefined, { headers: { 'x-spillway-priority': 'now' } });
  expect(await errorOf(response)).toEqual({
    status: 400,
    code: 'BadRequest',
    message: 'The header x-spillway-priority must be one of interactive, standard, batch.',
  });
  expect(scene.mocks[0]!.counters.total).toBe(0);
});

test('what is wrong in the configuration is told at once, and no key is shown', () => {
  const file = writeConfigFile(`
backends: [{ url: https://a }]
waitingRoom: { maxWaitMs: 0, maxRequests: 0 }
priorityClasses:
  default: urgent
  clients: [{ key: my key, class: night }]
  reserves: { interactive: 0.6, standard: 0.5 }
`);
  const problems = problemsOf({ SPILLWAY_CONFIG: file });
  expect(problems.map(({ key, found, allowed }) => `${key.replace(file, '')}: ${found}: ${allowed}`)).toEqual(
    [
      ':3 waitingRoom.maxWaitMs: 0: a whole number from 1 to 3600000',
      ':3 waitingRoom.maxRequests: 0: a whole number from 1 to 1000000',
      ':5 priorityClasses.default: "urgent": one of interactive, standard, batch',
      ':6 priorityClasses.clients[0].key: a text (not shown): a key of printable characters without spaces',
      ':6 priorityClasses.clients[0].class: "night": one of interactive, standard, batch',
      ':7 priorityClasses.reserves.standard: 0.5: together with priorityClasses.reserves.interactive below 1',
    ],
  );
});

test('one key has one class, and a short key is not shown either', () => {
  const file = writeConfigFile(`
backends: [{ url: https://a }]
priorityClasses: { clients: [{ key: k1, class: batch }, { key: k1, class: standard }] }
`);
  expect(problemsOf({ SPILLWAY_CONFIG: file }).map(({ found, allowed }) => [found, allowed])).toEqual([
    ['a text (not shown)', 'a key other than that of priorityClasses.clients[0]'],
  ]);
  const numeric = writeConfigFile(`
backends: [{ url: https://a }]
priorityClasses: { clients: [{ key: 12345, class: batch }] }
`);
  expect(JSON.stringify(problemsOf({ SPILLWAY_CONFIG: numeric }))).not.toContain('12345');
});
