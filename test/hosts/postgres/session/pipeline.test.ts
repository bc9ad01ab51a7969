import { describe, expect, it } from '@jest/globals';

import type { Entry } from '../../../../hosts/postgres/session/pipeline.ts';
import { Pipeline } from '../../../../hosts/postgres/session/pipeline.ts';

const sync: Entry = { kind: 'sync' };
const query: Entry = { kind: 'query', permission: undefined, meter: undefined, refused: undefined };
const execute: Entry = {
  kind: 'execute',
  permission: undefined,
  meter: undefined,
  refused: undefined,
};
const call = { ...execute, kind: 'call' } as Entry;
const parse: Entry = { kind: 'parse', names: 'statements', refused: undefined };

function pipelineOf(...entries: readonly Entry[]): Pipeline {
  const pipeline = new Pipeline();
  for (const entry of entries) pipeline.push(entry);
  return pipeline;
}

describe('what the server still owes', () => {
  it('is answered in the order in which it was asked', () => {
    const pipeline = pipelineOf(parse, execute, sync);
    expect(pipeline.length).toBe(3);
    expect(pipeline.first).toBe(parse);
    pipeline.shift();
    expect(pipeline.first).toBe(execute);
    pipeline.shift();
    pipeline.push(query);
    expect(pipeline.first).toBe(sync);
    pipeline.shift();
    expect(pipeline.first).toBe(query);
    pipeline.shift();
    expect(pipeline.first).toBeUndefined();
    expect(pipeline.length).toBe(0);
  });

  it('is skipped up to the next Sync, which is answered', () => {
    const pipeline = pipelineOf(parse, execute, query, sync, parse, sync);
    expect(pipeline.skipToSync()).toEqual([parse, execute, query]);
    expect(pipeline.first).toBe(sync);
    expect(pipeline.length).toBe(3);
    expect(pipeline.skipToSync()).toEqual([]);
  });

  it('is skipped up to the Sync that belongs to a function call', () => {
    const pipeline = pipelineOf(call, sync, query);
    expect(pipeline.skipToSync()).toEqual([call]);
    expect(pipeline.first).toBe(sync);
  });

  it('runs what is a query, an execution or a call', () => {
    expect(pipelineOf(parse, call, sync, execute).running).toBe(call);
    expect(pipelineOf(parse, sync).running).toBeUndefined();
  });

  it('is skipped whole when no Sync was sent yet', () => {
    const pipeline = pipelineOf(parse, execute);
    expect(pipeline.skipToSync()).toHaveLength(2);
    expect(pipeline.length).toBe(0);
  });
});
