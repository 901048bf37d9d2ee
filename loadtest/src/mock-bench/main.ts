import { endIfUnwritable } from '../report/end-if-unwritable.ts';
import { pinProcesses } from '../process/pin-processes.ts';
import { measureRequests } from './measure-requests.ts';
import { measureStreams } from './measure-streams.ts';

endIfUnwritable();
const { proxy: processor } = pinProcesses();

const say = (line: string) => process.stdout.write(`${line}\n`);

const { mock, bare, ratio, perSecond } = await measureRequests(processor);
say('plain chat completions:');
say(`  ${mock.toFixed(1)} µs of processor time each, ${perSecond.toFixed(0)}/s over 32 connections`);
say(`  ${ratio.toFixed(2)} times what a bare node:http server takes (${bare.toFixed(1)} µs)`);

const paces = {
  'with a chunk every 100 ms': { script: 'always slow(chunk-delay=100ms, chunks=100)' },
  'at the pace of gpt-4o, in blocks that take up to 2.4 s': { latency: 'gpt-4o', completionTokens: 250 },
};
for (const [pace, options] of Object.entries(paces)) {
  const { streams, whole, longestGapMs, busy, kilobytesEach } = await measureStreams(processor, options);
  say(`${streams} open streams ${pace}:`);
  say(`  ${whole} arrive whole, the longest silence is ${longestGapMs.toFixed(0)} ms`);
  say(`  ${(busy * 100).toFixed(0)} % of a processor, ${kilobytesEach.toFixed(0)} KB each`);
}
