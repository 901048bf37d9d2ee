/**
 * A process that answers every chat completion with the same bytes, straight from a socket, so that a benchmark
 * measures the proxy in front of it. A stream gets its first event at once. The others come from one timer whose slots
 * spread the streams over the period: after `/feed/1` in every period, after `/feed/2` in every second one, after
 * `/feed/0` never again.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { cannedCompletion, cannedEvent, cannedStreamHead } from './canned-messages.ts';
import { messageEnd } from './message-end.ts';
import { eventsPerSecond } from './stream-shape.ts';

const slotMs = 2;
const slotCount = 1000 / eventsPerSecond / slotMs;
const maxUnsentBytes = 64 * 1024;

const slots: Set<Socket>[] = Array.from({ length: slotCount }, () => new Set());
let feedEvery = 0;
let nextSlot = 0;
let slotsServed = 0;
const startMs = performance.now();

const server = createServer((socket) => {
  socket.setNoDelay();
  socket.on('error', () => socket.destroy());
  let pending: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    const end = messageEnd(pending);
    if (end === undefined) return;
    const request = pending.subarray(0, end);
    pending = pending.subarray(end);
    if (request.includes('"stream":true')) {
      addStream(socket);
      return;
    }
    feedEvery = Number(/GET \/feed\/(\d) /.exec(request.toString('latin1'))?.[1] ?? feedEvery);
    socket.write(cannedCompletion);
  });
});

function addStream(socket: Socket): void {
  const slot = slots[nextSlot];
  nextSlot = (nextSlot + 1) % slotCount;
  socket.write(Buffer.concat([cannedStreamHead, cannedEvent]));
  slot?.add(socket);
  socket.once('close', () => slot?.delete(socket));
}

function serveDueSlots(): void {
  const due = Math.floor((performance.now() - startMs) / slotMs);
  // A stream that falls a whole period behind drops events instead of sending them in a burst.
  slotsServed = Math.max(slotsServed, due - slotCount);
  for (; slotsServed < due; slotsServed += 1) {
    if (feedEvery === 0 || Math.floor(slotsServed / slotCount) % feedEvery !== 0) continue;
    for (const socket of slots[slotsServed % slotCount] ?? []) {
      if (socket.writableLength < maxUnsentBytes) socket.write(cannedEvent);
    }
  }
}

setInterval(serveDueSlots, slotMs);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${port}` })}\n`);
});
