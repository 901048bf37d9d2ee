import { parse } from 'protobufjs';

/** The part of opentelemetry-proto 1 that the gateway sends: names and numbers are those of its files. */
const { root } = parse(`
syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; string version = 2; }

message TraceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; Status status = 15;
  fixed32 flags = 16;
}
message Status { string message = 2; int32 code = 3; }

message MetricsRequest { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message Metric {
  string name = 1; string description = 2; string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
}
message Gauge { repeated NumberPoint data_points = 1; }
message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
message NumberPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; double as_double = 4; sfixed64 as_int = 6;
  repeated KeyValue attributes = 7;
}
message HistogramPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5;
  repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated KeyValue attributes = 9;
}
`);

/** Attributes by their names. */
type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanReceived {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty if it has none. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 2 for a server, 3 for a client. */
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  /** 2 for an error. */
  readonly status: number;
  readonly resource: Attributes;
}

/** Returns the spans of a request in Protobuf or JSON. */
export function readSpans(bytes: Buffer, isJson: boolean): SpanReceived[] {
  const { resourceSpans = [] } = read('TraceRequest', bytes, isJson);
  const idOf = (id: string | undefined) =>
    isJson ? (id ?? '') : Buffer.from(id ?? '', 'base64').toString('hex');
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }: Message) =>
    scopeSpans.flatMap(({ spans = [] }: Message) =>
      spans.map((span: Message) => ({
        traceId: idOf(span.traceId),
        spanId: idOf(span.spanId),
        parentSpanId: idOf(span.parentSpanId),
        name: span.name,
        kind: span.kind,
        startMs: Number(span.startTimeUnixNano) / 1e6,
        endMs: Number(span.endTimeUnixNano) / 1e6,
        attributes: attributesOf(span.attributes),
        status: span.status?.code ?? 0,
        resource: attributesOf(resource?.attributes),
      })),
    ),
  );
}

export interface PointReceived {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'sum' | 'histogram';
  readonly attributes: Attributes;
  /** For a histogram its count. */
  readonly value: number;
  readonly resource: Attributes;
}

/** Returns all points of a request in Protobuf or JSON. */
export function readPoints(bytes: Buffer, isJson: boolean): PointReceived[] {
  const { resourceMetrics = [] } = read('MetricsRequest', bytes, isJson);
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }: Message) =>
    scopeMetrics.flatMap(({ metrics = [] }: Message) =>
      metrics.flatMap(({ name, unit, ...data }: Message) => {
        const kind = (['gauge', 'sum', 'histogram'] as const).find((one) => data[one] !== undefined)!;
        return data[kind].dataPoints.map((point: Message) => ({
          name,
          unit,
          kind,
          attributes: attributesOf(point.attributes),
          value: Number(kind === 'histogram' ? point.count : (point.asDouble ?? point.asInt ?? 0)),
          resource: attributesOf(resource?.attributes),
        }));
      }),
    ),
  );
}

/** Anything that has been sent. */
// oxlint-disable-next-line typescript/no-explicit-any
type Message = any;

function read(type: string, bytes: Buffer, isJson: boolean): Message {
  if (isJson) return JSON.parse(bytes.toString());
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes), { longs: String, bytes: String });
}

function attributesOf(pairs: Message[] = []): Attributes {
  return Object.fromEntries(
    pairs.map(({ key, value }) => {
      const { stringValue, boolValue, intValue, doubleValue } = value;
      return [key, stringValue ?? boolValue ?? doubleValue ?? Number(intValue)];
    }),
  );
}
