import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { chatRequest } from '../bench/backend/canned-messages.ts';

/** The result of streams that were open at the same time. */
export interface StreamRound {
  /** Streams that ended with `[DONE]` after as many events as the longest. */
  readonly whole: number;
  /** The longest silence within any stream since all have begun. */
  readonly longestGapMs: number;
}

interface Stream {
  events: number;
  lastMs: number;
  longestGapMs: number;
  tail: string;
}

const openedTogether = 100;
const idleLimitMs = 30_000;
const newLine = 10;
const eventEnd = Buffer.from('\n\n');

/**
 * Asks for streams, each on a connection of its own, all at once, and reads them to their end; `begun` is called once
 * every stream has received something.
 */
export async function holdStreams(url: string, count: number, begun: () => void): Promise<StreamRound> {
  const target = new URL(url);
  // Every read is counted before the next one begins, so one buffer is enough for all sockets.
  const buffer = Buffer.allocUnsafe(64 * 1024);
  const streams: Stream[] = [];
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const connecting = Array.from({ length: Math.min(openedTogether, count - sockets.length) }, () => {
      const stream = { events: 0, lastMs: 0, longestGapMs: 0, tail: '' };
      streams.push(stream);
      return connectStream(target, buffer, stream);
    });
    sockets.push(...(await Promise.all(connecting)));
  }
  const request = chatRequest(target.host, true, 100_000);
  const beginnings = sockets.map((socket) => eventOf(socket, 'begun'));
  const ends = sockets.map((socket) => eventOf(socket, 'close'));
  for (const socket of sockets) socket.write(request);
  await Promise.all(beginnings);
  for (const stream of streams) stream.longestGapMs = 0;
  begun();
  await Promise.all(ends);
  const most = Math.max(...streams.map(({ events }) => events));
  return {
    whole: streams.filter(({ events, tail }) => events === most && tail.includes('[DONE]')).length,
    longestGapMs: Math.max(...streams.map(({ longestGapMs }) => longestGapMs)),
  };
}

function connectStream(target: URL, buffer: Buffer, stream: Stream): Promise<Socket> {
  const take = (count: number): boolean => {
    if (stream.lastMs === 0) socket.emit('begun');
    takeBytes(stream, buffer.subarray(0, count));
    if (stream.tail.endsWith('0\r\n\r\n')) socket.destroy();
    return true;
  };
  const { hostname: host, port } = target;
  const socket = connect({ host, port: Number(port), noDelay: true, onread: { buffer, callback: take } });
  socket.setTimeout(idleLimitMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket));
    socket.once('close', () => resolve(socket));
  });
}

/** Resolves at an event, or when the connection is closed. */
function eventOf(socket: Socket, name: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    socket.once(name, () => resolve());
    socket.once('close', () => resolve());
  });
}

function takeBytes(stream: Stream, bytes: Buffer): void {
  const nowMs = performance.now();
  if (stream.lastMs !== 0) stream.longestGapMs = Math.max(stream.longestGapMs, nowMs - stream.lastMs);
  stream.lastMs = nowMs;
  // An event's end may be split between two reads.
  if (stream.tail.endsWith('\n') && bytes[0] === newLine) stream.events += 1;
  for (let at = bytes.indexOf(eventEnd); at >= 0; at = bytes.indexOf(eventEnd, at + 2)) stream.events += 1;
  stream.tail = (stream.tail + bytes.toString('latin1', Math.max(0, bytes.length - 24))).slice(-24);
}
