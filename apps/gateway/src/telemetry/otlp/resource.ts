import type { Resource } from '@opentelemetry/resources';
import { version } from '../../version.ts';
import type * as otelSdk from './otel-sdk.ts';

/**
 * Returns what says who sends: `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, and an id of this process, by which several
 * replicas are told apart. Not what OpenTelemetry finds out of the process besides, such as its command line.
 */
export function resourceOf(sdk: typeof otelSdk): Resource {
  const detectors = [
    sdk.serviceInstanceIdDetector,
    sdk.resourceAttributesEnvDetector,
    sdk.serviceNameEnvDetector,
  ];
  return sdk
    .defaultResource()
    .merge(sdk.resourceFromAttributes({ 'service.name': 'spillway', 'service.version': version }))
    .merge(sdk.detectResources({ detectors }));
}
