import { expect, test } from 'vitest';
import { Episode } from './episode.ts';

test('an episode lasts from the first event on, and ends when there has been none for some seconds', () => {
  const episode = new Episode();
  expect(episode.lengthMs(0)).toBeUndefined();
  for (const second of [100, 104, 114, 125]) episode.note(second * 1000);
  expect(episode.lengthMs(125_000)).toBe(25_000);
  expect(episode.agoMs(128_000)).toBe(3000);
  expect(episode.lengthMs(136_000)).toBe(36_000);
  expect(episode.lengthMs(136_001)).toBeUndefined();
  expect(episode.agoMs(136_001)).toBeUndefined();
  episode.note(140_000);
  expect(episode.lengthMs(140_500)).toBe(500);
});

test('an event that is told of late does not begin an episode anew', () => {
  const episode = new Episode();
  episode.note(100_000);
  episode.note(99_000);
  expect(episode.lengthMs(101_000)).toBe(1000);
});
