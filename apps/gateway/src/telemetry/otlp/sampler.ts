import type { Sampler } from '@opentelemetry/sdk-trace';
import type { Environment } from '../../config/environment.ts';
import type { Log } from '../log.ts';
import { RANDOM_FLAG, SAMPLED_FLAG, parseTraceParent } from '../tracing/trace-context.ts';
import { makeId } from '../tracing/trace-ids.ts';
import { type BeginTrace, RequestTrace } from '../tracing/request-trace.ts';
import { readNumber, wordOf } from './otel-variables.ts';
import type * as otelSdk from './otel-sdk.ts';

type Sdk = typeof otelSdk;

const DEFAULT_RATIO = 0.1;

/** Returns the function that decides at a request’s start whether it is sampled, according to `OTEL_TRACES_SAMPLER`. */
export function createBeginTrace(sdk: Sdk, env: Environment, log: Log): BeginTrace {
  const { ROOT_CONTEXT, SamplingDecision, SpanKind, trace } = sdk;
  const sampler = samplerOf(sdk, env, log);
  return (traceparent) => {
    const parent = parseTraceParent(traceparent);
    const traceId = parent?.traceId ?? makeId(16);
    const context =
      parent === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceFlags: parent.flags, isRemote: true });
    const { decision } = sampler.shouldSample(context, traceId, '', SpanKind.SERVER, {}, []);
    const random = parent === undefined ? RANDOM_FLAG : parent.flags & RANDOM_FLAG;
    const isSampled = decision === SamplingDecision.RECORD_AND_SAMPLED;
    return new RequestTrace(traceId, isSampled ? random | SAMPLED_FLAG : random, parent);
  };
}

function samplerOf(sdk: Sdk, env: Environment, log: Log): Sampler {
  const { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler } = sdk;
  const ratio = (usual: number) => new sdk.TraceIdRatioBasedSampler(readRatio(env, log, usual));
  const parentBased = (root: Sampler) => new ParentBasedSampler({ root });
  const name = wordOf(env, 'OTEL_TRACES_SAMPLER');
  switch (name) {
    case undefined:
      return parentBased(ratio(DEFAULT_RATIO));
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return ratio(1);
    case 'parentbased_always_on':
      return parentBased(new AlwaysOnSampler());
    case 'parentbased_always_off':
      return parentBased(new AlwaysOffSampler());
    case 'parentbased_traceidratio':
      return parentBased(ratio(1));
    default:
      log.warn(
        { name },
        'OTEL_TRACES_SAMPLER has a value that is not supported: one in ten traces is sampled',
      );
      return parentBased(new sdk.TraceIdRatioBasedSampler(DEFAULT_RATIO));
  }
}

function readRatio(env: Environment, log: Log, usual: number): number {
  const range = { min: 0, max: 1, usual, isFraction: true };
  return readNumber(env, 'OTEL_TRACES_SAMPLER_ARG', range, (complaint) => log.warn(complaint));
}
