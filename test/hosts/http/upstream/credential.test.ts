import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { TemporaryDirectory } from '#lab';
import { createCertificateAuthority, temporaryDirectory } from '#lab';
import { httpCredential } from '../../../../engine/config/index.ts';
import type { HttpCredentialFile } from '../../../../engine/config/index.ts';
import { openCredential } from '../../../../hosts/http/upstream/credential.ts';

let directory: TemporaryDirectory;
const absolute = (name: string) => join(directory.path, name);
const at = 'sallyport.yaml: targets.billing.credential';
const noon = Date.UTC(2026, 10, 21, 12);
const request = {
  ...{ method: 'GET', path: '/v1', query: '', authority: 'billing.internal' },
  fields: [['accept', '*/*']],
} as const;

const open = (file: HttpCredentialFile) =>
  openCredential(at, httpCredential(at, file, absolute), () => noon);

beforeAll(async () => {
  directory = await temporaryDirectory();
  const issued = createCertificateAuthority('root').issue({ commonName: 'gateway', client: true });
  const other = createCertificateAuthority('root').issue({ commonName: 'other', client: true });
  const files = {
    ...{ token: 'tok-en\n', broken: 'tok\r\nHost: evil\n', 'other.key': other.keyPem },
    ...{ 'gateway.crt': issued.certificatePem, 'gateway.key': issued.keyPem, password: 'pä:ss' },
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(absolute(name), text);
});
afterAll(() => directory.remove());

describe('the credential for a target', () => {
  it.each([
    ['a bearer token', { bearer: { file: 'token' } }, ['authorization', 'Bearer tok-en']],
    [
      'a name and password',
      { basic: { user: 'gateway', password: { file: 'password' } } },
      ['authorization', `Basic ${Buffer.from('gateway:pä:ss').toString('base64')}`],
    ],
    [
      'a key in a field of its own',
      { header: { name: 'X-Api-Key', value: { file: 'token' } } },
      ['x-api-key', 'tok-en'],
    ],
  ] as const)('is %s, which replaces what the caller sent', (_name, file, field) => {
    const credential = open(file);
    expect(credential.sign(request)).toEqual([field]);
    expect(credential.owns).toContain(field[0]);
    expect(credential.owns).toContain('authorization');
  });

  it('takes away the authorization of callers even where it adds none', () => {
    const credential = open('none');
    expect(credential.sign(request)).toEqual([]);
    expect([...credential.owns]).toEqual(['authorization', 'proxy-authorization']);
  });

  it('is a client certificate with its key', () => {
    const { tls, sign } = open({
      client_certificate: { certificate: 'gateway.crt', key: 'gateway.key' },
    });
    expect(tls?.certificate).toContain('BEGIN CERTIFICATE');
    expect(tls?.key).toContain('PRIVATE KEY');
    expect(sign(request)).toEqual([]);
  });

  it('signs for AWS, and owns the fields that it adds', () => {
    const keys = { access_key: { file: 'token' }, secret_key: { file: 'token' } };
    const objects = open({ aws: { region: 'eu-west-1', service: 's3', ...keys } });
    expect(objects.needsBodyHash).toBe(false);
    const names = objects.sign(request).map(([name]) => name);
    expect(names).toEqual(['x-amz-date', 'x-amz-content-sha256', 'authorization']);
    for (const name of names) expect(objects.owns).toContain(name);
    const others = open({ aws: { region: 'eu-west-1', service: 'execute-api', ...keys } });
    expect(others.needsBodyHash).toBe(true);
    expect(() => others.sign(request)).toThrow();
  });

  it.each([
    ['holds a line break', { bearer: { file: 'broken' } }, 'cannot be the value of a field'],
    ['is missing', { bearer: { file: 'nowhere' } }, 'cannot be read'],
    [
      'is named by a field that frames the request',
      { header: { name: 'Transfer-Encoding', value: { file: 'token' } } },
      'targets.billing.credential.header.name',
    ],
    [
      'would name the principal itself',
      { header: { name: 'Sallyport-Assertion', value: { file: 'token' } } },
      'targets.billing.credential.header.name',
    ],
    [
      'has a colon in its user',
      { basic: { user: 'a:b', password: { file: 'password' } } },
      'targets.billing.credential.basic.user',
    ],
    [
      'has a key of another certificate',
      { client_certificate: { certificate: 'gateway.crt', key: 'other.key' } },
      'is no pair with',
    ],
  ] as const)('is refused when it %s', (_name, file, message) => {
    expect(() => open(file)).toThrow(message);
  });
});
