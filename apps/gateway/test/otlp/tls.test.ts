import { expect, test } from 'vitest';
import { type Certificate, firstCertificate, secondCertificate } from '../testing/certificates.ts';
import { post } from '../testing/post.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';
import {
  type Receiver,
  type ReceiverTls,
  startGrpcReceiver,
  startHttpReceiver,
} from './testing/start-receiver.ts';
import { startTraced } from './testing/start-traced.ts';

const ways: readonly (readonly [string, (tls: ReceiverTls) => Promise<Receiver>])[] = [
  ['grpc', startGrpcReceiver],
  ['http/protobuf', (tls) => startHttpReceiver(0, tls)],
  ['http/json', (tls) => startHttpReceiver(0, tls)],
];
const quick = ways.slice(0, 2);

const own = firstCertificate;
const fileOf = (pem: string) => writeConfigFile(pem, 'one.pem');
const authority = () => ({ OTEL_EXPORTER_OTLP_CERTIFICATE: fileOf(own.cert) });
const clientOf = ({ cert, key }: Certificate) => ({
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: fileOf(cert),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: fileOf(key),
});

const sampled = { headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' } };

async function startSending(receiver: Receiver, protocol: string, otel: Readonly<Record<string, string>>) {
  const gateway = await startTraced([{}], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    ...otel,
  });
  await (await post(gateway, undefined, undefined, sampled)).text();
  return gateway;
}

test.each(ways)(
  'by %s, a receiver whose certificate is of an authority of its own gets traces and metrics',
  async (protocol, start) => {
    const receiver = await start({ own });
    const gateway = await startSending(receiver, protocol, { ...authority(), OTEL_METRICS_EXPORTER: 'otlp' });
    await receiver.spansReceived(2);
    gateway.child.kill('SIGTERM');
    await receiver.until(({ points }) => points.length > 0);
    expect(receiver.sumOf('spillway_requests')).toBe(1);
    expect((await gateway.ended).code).toBe(0);
  },
);

test.each(ways)(
  'by %s, a receiver that demands a certificate gets the gateway’s own',
  async (protocol, start) => {
    const receiver = await start({ own, clients: secondCertificate });
    await startSending(receiver, protocol, { ...authority(), ...clientOf(secondCertificate) });
    expect(await receiver.spansReceived(2)).toHaveLength(2);
  },
);

test.each(quick)('by %s, the variables for traces alone win', async (protocol, start) => {
  const receiver = await start({ own, clients: secondCertificate });
  const { cert, key } = secondCertificate;
  await startSending(receiver, protocol, {
    OTEL_EXPORTER_OTLP_CERTIFICATE: fileOf(secondCertificate.cert),
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: fileOf(own.cert),
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: fileOf(cert),
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: fileOf(key),
  });
  expect(await receiver.spansReceived(2)).toHaveLength(2);
});

test.each(
  quick.flatMap(([protocol, start]) => [
    [protocol, 'its authority is not known', start, () => ({}), undefined] as const,
    [
      protocol,
      'it is another’s',
      start,
      () => ({ OTEL_EXPORTER_OTLP_CERTIFICATE: fileOf(secondCertificate.cert) }),
      undefined,
    ] as const,
    [protocol, 'it demands a certificate, and there is none', start, authority, secondCertificate] as const,
  ]),
)(
  'by %s, nothing is sent to a receiver if %s, which the log says once, and requests are served',
  async (protocol, _, start, otel, clients) => {
    const receiver = await start({ own, clients });
    const gateway = await startSending(receiver, protocol, otel());
    await gateway.log.line('the OTLP receiver does not accept what is sent');
    expect(receiver.exports).toEqual([]);
  },
);

test('a certificate or key that cannot be used is told of by its variable, without its path', async () => {
  const receiver = await startHttpReceiver();
  const gateway = await startSending(receiver, 'http/protobuf', {
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/PLANTED.pem',
    OTEL_EXPORTER_OTLP_CLIENT_KEY: fileOf('PLANTED is no key'),
  });
  await gateway.log.request();
  const warnings = gateway.log.lines.filter(({ level }) => Number(level) > 30).map(({ msg }) => String(msg));
  expect(warnings.toSorted()).toEqual([
    'OTEL_EXPORTER_OTLP_CERTIFICATE names no PEM file that can be read, so traces are sent without it, or not at all',
    'OTEL_EXPORTER_OTLP_CLIENT_KEY has no effect without OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
    'OTEL_EXPORTER_OTLP_CLIENT_KEY names no PEM file that can be read, so traces are sent without it, or not at all',
  ]);
  expect(gateway.log.text).not.toContain('PLANTED');
  // The receiver needs neither.
  expect(await receiver.spansReceived(2)).toHaveLength(2);
});
