import { connect, type Socket } from 'node:net';
import { chatRequest, eventMark } from '../backend/canned-messages.ts';

/** The events on all streams during a period. */
export interface StreamWindow {
  readonly elapsedMs: number;
  readonly events: number;
  /** The longest silence of each stream. */
  readonly longestGapsMs: readonly number[];
  /** Streams that were not open all the time. */
  readonly broken: number;
}

/** Streams that are open and read. */
export interface OpenStreams {
  /** Forgets earlier events and begins to count. */
  readonly startWindow: () => void;
  readonly endWindow: () => StreamWindow;
  readonly close: () => Promise<void>;
}

interface StreamState {
  isOpen: boolean;
  events: number;
  lastMs: number;
  longestGapMs: number;
}

const mark = eventMark.charCodeAt(0);
const openingTogether = 100;
const openLimitMs = 10_000;

/** Opens `count` streams through the proxy at `url`, each on a connection of its own; resolves when all have begun. */
export async function openStreams(url: string, count: number): Promise<OpenStreams> {
  const target = new URL(url);
  // Every read is counted before the next one begins, so one buffer is enough for all sockets.
  const buffer = Buffer.allocUnsafe(64 * 1024);
  const sockets: Socket[] = [];
  const states: StreamState[] = [];
  while (states.length < count) {
    const batch = Array.from({ length: Math.min(openingTogether, count - states.length) }, () => {
      const state: StreamState = { isOpen: false, events: 0, lastMs: 0, longestGapMs: 0 };
      states.push(state);
      return openStream(target, buffer, state, sockets);
    });
    await Promise.all(batch);
  }
  let startedMs = performance.now();
  return {
    startWindow: () => {
      startedMs = performance.now();
      for (const state of states) Object.assign(state, { events: 0, lastMs: startedMs, longestGapMs: 0 });
    },
    endWindow: () => summarize(states, startedMs),
    close: async () => {
      await Promise.all(sockets.map(closeSocket));
    },
  };
}

/** Opens one stream and resolves at its first event, or when it fails. */
function openStream(target: URL, buffer: Buffer, state: StreamState, sockets: Socket[]): Promise<void> {
  return new Promise((resolve) => {
    const take = (count: number): boolean => {
      const read = buffer.subarray(0, count);
      let events = 0;
      for (let at = read.indexOf(mark); at !== -1; at = read.indexOf(mark, at + 1)) events += 1;
      if (events === 0) return true;
      const nowMs = performance.now();
      state.longestGapMs = Math.max(state.longestGapMs, nowMs - state.lastMs);
      state.lastMs = nowMs;
      state.events += events;
      if (!state.isOpen) {
        state.isOpen = true;
        resolve();
      }
      return true;
    };
    const socket = connect({
      host: target.hostname,
      port: Number(target.port),
      noDelay: true,
      onread: { buffer, callback: take },
    });
    sockets.push(socket);
    socket.setTimeout(openLimitMs, () => socket.destroy());
    socket.once('connect', () => socket.write(chatRequest(target.host, true)));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      state.isOpen = false;
      resolve();
    });
  });
}

function summarize(states: readonly StreamState[], startedMs: number): StreamWindow {
  const nowMs = performance.now();
  return {
    elapsedMs: nowMs - startedMs,
    events: states.reduce((sum, state) => sum + state.events, 0),
    longestGapsMs: states.map((state) => Math.max(state.longestGapMs, nowMs - state.lastMs)),
    broken: states.filter((state) => !state.isOpen).length,
  };
}

function closeSocket(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.destroy();
  });
}
