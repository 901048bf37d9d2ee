import type { Resource } from '@opentelemetry/resources';
import { version } from '../../version.ts';
import type * as otelSdk from './otel-sdk.ts';

/**
 * Returns the attributes of the sender: `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, and an id of this process,
 * which tells several replicas apart. Not what OpenTelemetry would detect about the process, such as its command line.
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
