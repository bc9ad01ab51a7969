import { describe, expect, it } from '@jest/globals';

import * as files from '../../../../hosts/ssh/files/index.ts';
import * as lines from '../../../../hosts/ssh/files/scp/control-line.ts';
import * as requests from '../../../../hosts/ssh/files/sftp/request.ts';
import * as responses from '../../../../hosts/ssh/files/sftp/response.ts';
import * as version from '../../../../hosts/ssh/files/sftp/version.ts';
import { targets } from '../../../fuzz/targets.ts';

describe('fuzz targets', () => {
  it('exist for every decoder of file transfers', () => {
    const names = targets.map(({ name }) => name);
    const exported = [files, lines, requests, responses, version].flatMap(Object.keys);
    const decoders = exported.filter((name) => /^(decode|recognise)/.test(name));
    expect(decoders.length).toBeGreaterThan(6);
    expect(decoders.filter((name) => !names.includes(name))).toEqual([]);
  });
});
