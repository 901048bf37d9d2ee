import { expect, test } from 'vitest';
import { createLog } from '../../src/telemetry/log.ts';
import { startOtlp } from '../../src/telemetry/otlp/start-otlp.ts';
import { LogLines } from '../testing/log-lines.ts';

const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };

test.each(['20.19.5', '22.14.0', '21.0.0'])(
  'on Node %s one line says that nothing is sent',
  async (version) => {
    const lines = new LogLines();
    const otlp = await startOtlp(env, createLog('info', lines), version);
    expect(otlp.beginTrace).toBeUndefined();
    expect(otlp.sinks).toEqual([]);
    expect(lines.lines).toMatchObject([{ level: 40, node: version }]);
    await otlp.stop();
  },
);
