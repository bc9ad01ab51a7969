import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';

import type { TemporaryDirectory } from '#lab';
import { createCertificateAuthority, temporaryDirectory } from '#lab';
import type { CertificateName } from '../../../engine/config/index.ts';
import { Authenticator } from '../../../engine/identity/index.ts';

const authority = createCertificateAuthority('callers');
const agent = 'spiffe://example.com/agents/triage';
const issue = (request: Partial<Parameters<typeof authority.issue>[0]>) =>
  new X509Certificate(
    authority.issue({ commonName: 'x', client: true, ...request }).certificatePem,
  );

let directory: TemporaryDirectory;
const file = (name: string) => join(directory.path, name);
const list = (...principals: object[]) => {
  writeFileSync(file('principals.yaml'), stringify({ principals }));
};
const open = (id: CertificateName, now: () => number = Date.now) =>
  new Authenticator(
    {
      tokens: file('tokens.yaml'),
      clientCertificates: { ca: file('ca.crt'), id, principals: file('principals.yaml') },
      oidc: undefined,
      ssh: undefined,
    },
    now,
  );

beforeEach(async () => {
  directory = await temporaryDirectory();
  writeFileSync(file('tokens.yaml'), 'tokens: []\n');
});
afterEach(() => directory.remove());

describe('a client certificate', () => {
  it.each([
    ['san-uri', agent, { uris: [agent] }],
    ['san-email', 'ada@example.com', { emails: ['ada@example.com'] }],
    ['san-dns', 'triage.example.com', { dns: ['triage.example.com'] }],
    ['cn', 'triage', { commonName: 'triage' }],
  ] as const)('stands for whom its %s is listed as', (kind, name, request) => {
    list({ name, groups: ['agents'] }, { name: 'another' });
    const certificate = issue(request);
    const found = open(kind).byCertificate(certificate);
    expect(found).toEqual({
      principal: { id: name, kind: 'workload', groups: ['agents'] },
      credential: `certificate:${name}`,
      expiresAt: certificate.validToDate.getTime(),
    });
  });

  it.each<[string, CertificateName, Parameters<typeof issue>[0]]>([
    ['nobody listed', 'san-uri', { uris: [`${agent}/other`] }],
    ['a name of another kind', 'san-uri', { dns: [agent], commonName: agent }],
    ['no name at all', 'san-uri', {}],
    ['another case of the name', 'san-uri', { uris: [agent.toUpperCase()] }],
    ['two who are listed', 'san-uri', { uris: [agent, 'spiffe://example.com/dba'] }],
    ['a name that pretends to be two', 'san-uri', { uris: [`x, URI:${agent}`] }],
    ['a DNS name that pretends to be a URI', 'san-uri', { dns: [`x, URI:${agent}`] }],
    ['a name that ends in a NUL', 'san-uri', { uris: [`${agent}\0.evil.example`] }],
    ['a common name of two lines', 'cn', { commonName: `x\nCN=${agent}` }],
  ])('with %s stands for nobody', (_name, kind, request) => {
    list({ name: agent }, { name: 'spiffe://example.com/dba' });
    expect(open(kind).byCertificate(issue(request))).toBeUndefined();
  });

  it('stands for one who is listed beside names that are not', () => {
    list({ name: agent });
    const uris = ['spiffe://example.com/pod/7', agent];
    expect(open('san-uri').byCertificate(issue({ uris }))?.principal.id).toBe(agent);
  });

  it('stands for nobody after its end, however old the connection is', () => {
    list({ name: agent });
    const certificate = issue({ uris: [agent], days: 1 });
    const ends = certificate.validToDate.getTime();
    expect(open('san-uri', () => ends - 1).byCertificate(certificate)).toBeDefined();
    expect(open('san-uri', () => ends).byCertificate(certificate)).toBeUndefined();
  });

  it('is revoked when it is no longer listed', () => {
    list({ name: agent, id: 'triage', kind: 'human', expires: '2030-01-01T00:00:00Z' });
    const door = open('san-uri');
    const revoked: string[][] = [];
    door.events.on('revoked', (credentials) => revoked.push([...credentials]));
    const certificate = issue({ uris: [agent] });
    expect(door.byCertificate(certificate)?.principal).toEqual({
      ...{ id: 'triage', kind: 'human', groups: [] },
    });
    list();
    door.reload();
    expect(revoked).toEqual([[`certificate:${agent}`]]);
    expect(door.byCertificate(certificate)).toBeUndefined();
  });

  it('is listed once', () => {
    list({ name: agent }, { name: agent, groups: ['dba'] });
    expect(() => open('san-uri')).toThrow('principals.1.name: is listed twice');
  });
});
