import type { TokenEstimate } from '@spillway/core';
import { isForm } from '../body/form-field.ts';
import { BYTES_PER_TOKEN, RECORDING_BYTES, TOKENS_PER_IMAGE } from './estimate-tokens.ts';
import { findNumberIn } from './find-number.ts';
import { meteringOf } from './metering.ts';
import { videoTokens } from './video-tokens.ts';

/** The known facts about a request without a readable prompt. */
interface Expecting {
  readonly method: string;
  readonly operation: string;
  /** The deployment that it names; empty if it names none. */
  readonly deployment: string;
  /** The part of it that is kept. */
  readonly body: Buffer;
  readonly contentType: string | undefined;
  readonly contentLength: string | undefined;
}

const CHOICES: ReadonlySet<string> = new Set(['n']);
/** No operation creates more at once. */
const MAX_IMAGES = 128;
/** A long document. Anything longer has images or files in it, which use fewer tokens than their bytes. */
const MAX_TEXT_TOKENS = 32_000;
/** Runs of assistants, which may leave the choice of model to the assistant. */
const RUNS = /^threads\/(?:[^/]+\/)?runs$/;

/**
 * Returns the expected usage in tokens, before anything is reported, of images, videos, recordings, speech, and any other
 * request to a model in JSON; undefined for everything else.
 */
export function expectTokens(expecting: Expecting): TokenEstimate | undefined {
  const { method, operation, deployment, body, contentType, contentLength } = expecting;
  const bytes = Math.max(body.length, Number(contentLength) || 0);
  const metering = meteringOf(method, operation, deployment !== '');
  switch (metering.estimate) {
    case 'images':
      return output(imagesOf(expecting) * TOKENS_PER_IMAGE);
    case 'videos':
      return output(videoTokens(operation, body, contentType));
    case 'recording':
      return output(Math.ceil(bytes / RECORDING_BYTES));
    case 'speech':
      // A second is 20 tokens, and about as many letters.
      return output(bytes);
    case 'text':
    case 'any':
      return textOf(expecting, bytes);
    case 'nothing':
      // Embeddings have a prompt, but no output.
      return metering.told === 'at-end' || isRun(expecting) ? textOf(expecting, bytes) : undefined;
  }
}

function output(outputTokens: number): TokenEstimate {
  return { promptTokens: 0, outputTokens };
}

function textOf({ method, contentType }: Expecting, bytes: number): TokenEstimate | undefined {
  if (method !== 'POST' || isForm(contentType)) return undefined;
  return { promptTokens: Math.min(Math.ceil(bytes / BYTES_PER_TOKEN), MAX_TEXT_TOKENS), outputTokens: 0 };
}

function isRun({ method, operation }: Expecting): boolean {
  return method === 'POST' && RUNS.test(operation);
}

function imagesOf({ body, contentType }: Expecting): number {
  const images = findNumberIn(body, contentType, CHOICES)(['n'], MAX_IMAGES) ?? 1;
  return Math.max(1, Math.floor(images));
}
