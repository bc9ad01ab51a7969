// A package registry with one scoped package, as npm asks one: a document of the package, and its tarball.

import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';

export interface RegistryPackage {
  /** With its scope: `@lab/greeting`. */
  readonly name: string;
  readonly version: string;
  readonly tarball: Buffer;
}

/** @param onRequest gets the method and the target of each request as they arrived */
export function npmRegistry(
  { name, version, tarball }: RegistryPackage,
  onRequest: (line: string) => void,
): RequestListener {
  const encoded = `/${name.replace('/', '%2f')}`;
  const file = `/${name}/-/${name.split('/')[1] ?? name}-${version}.tgz`;
  return (request, response) => {
    onRequest(`${request.method ?? ''} ${request.url ?? ''}`);
    const host = request.headers['x-forwarded-host']?.toString() ?? '';
    const answers = new Map([
      [encoded, packument(name, version, { url: `https://${host}${file}`, tarball })],
      [file, tarball],
    ]);
    const body = answers.get((request.url ?? '').replace(/%2F/, '%2f'));
    const type = body === tarball ? 'application/octet-stream' : 'application/json';
    const bytes = body ?? Buffer.from('{"error":"not found"}');
    const fields = { 'content-type': type, 'content-length': bytes.length };
    request.resume();
    response.writeHead(body === undefined ? 404 : 200, fields).end(bytes);
  };
}

function packument(
  name: string,
  version: string,
  dist: { readonly url: string; readonly tarball: Buffer },
): Buffer {
  const integrity = `sha512-${createHash('sha512').update(dist.tarball).digest('base64')}`;
  const shasum = createHash('sha1').update(dist.tarball).digest('hex');
  const one = { name, version, dist: { tarball: dist.url, integrity, shasum } };
  return Buffer.from(
    JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: one } }),
  );
}
