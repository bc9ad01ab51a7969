import { describe, expect, it } from '@jest/globals';
import { maskText } from '../../../../engine/masking/index.ts';
import type { MaskStrategy } from '../../../../engine/model/index.ts';
import {
  StreamOutput,
  planOutputMasks,
  type StreamOutputOptions,
} from '../../../../hosts/ssh/output/index.ts';
import { runEveryWay } from './support.ts';

const esc = '\x1b';
const key = Buffer.alloc(32);

const masksOf = (detect: string, strategy: MaskStrategy): Pick<StreamOutputOptions, 'masks'> => {
  const plan = planOutputMasks([{ detect, strategy }]);
  if (plan.kind === 'invalid') throw new Error(plan.message);
  return { masks: { plan, mask: (value, how) => maskText(value, how, key) } };
};

const through = (options: StreamOutputOptions, output: string): string =>
  runEveryWay(() => new StreamOutput(options), Buffer.from(output, 'latin1'));

describe('the output of one stream', () => {
  const output = `${esc}]0;x\x07ada@example.com ${esc}[6n${esc}[1mok\xff\r\n`;

  it('passes as it is where nothing is asked for', () => {
    expect(through({ isFiltered: false }, output)).toBe(output);
  });

  it('is masked, filtered, or both', () => {
    const mail = masksOf('email', 'fixed');
    expect(through({ ...mail, isFiltered: false }, 'ada@example.com\n')).toBe('***\n');
    expect(through({ isFiltered: true }, `${esc}[6nada@example.com`)).toBe('ada@example.com');
    expect(through({ ...mail, isFiltered: true }, `${esc}[6n${esc}[1mada@example.com`)).toBe(
      `${esc}[1m***`,
    );
  });

  it('has no sequence that only a mask brought together', () => {
    const options = masksOf('email', 'null');
    const hostile = `${esc}[1;\u00e9a@example.com;6n`;
    expect(through({ ...options, isFiltered: false }, hostile)).toBe(`${esc}[1;;6n`);
    expect(through({ ...options, isFiltered: true }, hostile)).toBe('');
  });

  it('holds what may become a value until it is flushed', () => {
    const stream = new StreamOutput({ ...masksOf('card', 'fixed'), isFiltered: true });
    expect(stream.push(Buffer.from('PIN 4')).toString()).toBe('PIN ');
    expect(stream.isHolding).toBe(true);
    expect(stream.flush().toString()).toBe('4');
    expect(stream.isHolding).toBe(false);
    expect(stream.end().length).toBe(0);
  });

  it('ends with a whole character', () => {
    const stream = new StreamOutput({ isFiltered: true });
    expect(stream.push(Buffer.from([0x61, 0xc3])).toString()).toBe('a');
    expect(stream.end().toString()).toBe('\ufffd');
  });
});
