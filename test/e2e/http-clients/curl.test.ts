// curl through the gateway, unchanged, by HTTP/1.1 and HTTP/2.

import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Origin, TemporaryDirectory, TlsServer } from '#lab';
import { createCertificateAuthority, startNginxOrigin, startOrigin } from '#lab';
import { nginxBodies, temporaryDirectory } from '#lab';
import { asAda, curl, urlOf } from '../../support/curl.ts';
import { HttpGateway, httpTarget } from '../../support/http-gateway.ts';
import type { HttpsTarget } from '../../support/https-target.ts';
import { startHttpsTarget } from '../../support/https-target.ts';

const policies = {
  'rules.rego': `package rules.http.curl

import rego.v1

allow contains "everybody may ask"

deny contains "nobody deletes" if input.statement.command == "DELETE"

deny contains "nothing is put there" if input.statement.path == "/denied"
`,
};

const holderCa = createCertificateAuthority('holders');
const versions = ['--http1.1', '--http2'] as const;

let origin: Origin;
let nginx: TlsServer;
let site: HttpsTarget;
let gateway: HttpGateway;
let directory: TemporaryDirectory;

beforeAll(async () => {
  [origin, nginx, site, directory] = await Promise.all([
    startOrigin(),
    startNginxOrigin(),
    startHttpsTarget(answerAsSite),
    temporaryDirectory('sallyport-curl-'),
  ]);
  gateway = await HttpGateway.start({
    targets: { app: httpTarget(origin), files: httpTarget(nginx), site: httpTarget(site) },
    policies,
    secrets: {
      'holders.crt': holderCa.certificatePem,
      'principals.yaml': JSON.stringify({ principals: [{ name: 'spiffe://lab/triage' }] }),
    },
    identity: {
      client_certificates: { ca: './holders.crt', id: 'san-uri', principals: './principals.yaml' },
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([origin.stop(), nginx.stop(), site[Symbol.asyncDispose](), directory.remove()]);
});

/** Redirections as servers write them that know only the name under which the gateway calls them, and cookies. */
function answerAsSite(
  ...[request, response]: Parameters<Parameters<typeof startHttpsTarget>[0]>
): void {
  const { host = '', cookie = '' } = request.headers;
  const to: Readonly<Record<string, string>> = {
    '/relative': '/landed',
    '/absolute': `https://${host}/landed?from=absolute`,
    '/elsewhere': 'https://other.example/landed',
  };
  const location = to[request.url ?? ''];
  if (location !== undefined) response.writeHead(302, { location, 'content-length': 0 }).end();
  else {
    const cookies = ['one=1; Path=/', 'two=2; Path=/; Secure; HttpOnly'];
    const body = `${request.url ?? ''} ${cookie}`;
    response.writeHead(200, { 'set-cookie': cookies, 'content-length': body.length }).end(body);
  }
}

/** What it wrote to its output, as ada; fails the test where curl fails. */
async function output(args: readonly string[], input?: string): Promise<string> {
  const options = { cwd: directory.path, ...(input === undefined ? {} : { input }) };
  const { code, stdout, stderr } = await curl(gateway, [...asAda(gateway), ...args], options);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

async function written(name: string, content: Buffer): Promise<string> {
  const path = join(directory.path, name);
  await writeFile(path, content);
  return path;
}

describe.each(versions)('curl %s', (version) => {
  it('gets, and asks for heads', async () => {
    const body = await output([version, urlOf(gateway, '/small')]);
    expect(body).toContain('a small body');
    const head = await output([version, '--head', urlOf(gateway, '/small')]);
    expect(head).toMatch(/^HTTP\/[12.]+ 200/);
    expect(head).toMatch(new RegExp(`^content-length: ${body.length}\r$`, 'm'));
  });

  it('posts JSON', async () => {
    const echoed = await output([version, '--json', '{"a": 1}', urlOf(gateway, '/echo')]);
    expect(JSON.parse(echoed)).toMatchObject({ method: 'POST', body: '{"a": 1}' });
  });

  it('sends forms with files', async () => {
    const file = await written('note.txt', Buffer.from('a note'));
    const echoed = await output([version, '--form', `f=@${file}`, urlOf(gateway, '/echo')]);
    expect((JSON.parse(echoed) as { body: string }).body).toContain('\r\n\r\na note\r\n');
  });

  it('uploads ten megabytes', async () => {
    const bytes = randomBytes(10 << 20);
    const file = await written('ten.bin', bytes);
    const answer = await output([version, '--upload-file', file, urlOf(gateway, '/upload')]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(JSON.parse(answer)).toEqual({ bytes: bytes.length, sha256 });
  });

  it('uploads what has no length yet', async () => {
    const args = [version, '--upload-file', '-', urlOf(gateway, '/upload')];
    const answer = await output(args, 'x'.repeat(300_000));
    expect(JSON.parse(answer)).toMatchObject({ bytes: 300_000 });
  });

  it.each(['gzip', 'br', 'zstd'])('decodes %s', async (coding) => {
    const url = urlOf(gateway, `/${coding}`);
    expect(await output([version, '--compressed', url])).toContain('"users"');
  });

  it('gets ranges', async () => {
    const url = urlOf(gateway, '/mb', 'files');
    const part = await output([version, '--include', '--range', '100-199', url]);
    expect(part).toMatch(/^HTTP\/[12.]+ 206/);
    expect(part).toMatch(/^content-range: bytes 100-199\/1048576\r$/m);
    expect(part).toContain(nginxBodies['/mb'].toString('latin1', 100, 200));
  });

  it('goes on with a download that was broken off', async () => {
    const whole = nginxBodies['/mb'];
    const file = await written('part.bin', whole.subarray(0, 400_000));
    const url = urlOf(gateway, '/mb', 'files');
    const said = ['--continue-at', '-', '--output', file, '--write-out', '%{size_download}'];
    expect(await output([version, ...said, url])).toBe(String(whole.length - 400_000));
  });

  it('follows redirections and keeps cookies', async () => {
    const jar = join(directory.path, `jar${version}`);
    const args = [version, '--location', '--cookie-jar', jar, '--cookie', jar];
    expect(await output([...args, urlOf(gateway, '/relative', 'site')])).toBe('/landed ');
    const again = await output([...args, urlOf(gateway, '/again', 'site')]);
    expect(again).toMatch(/^\/again (one=1; two=2|two=2; one=1)$/);
  });

  it('stays at the gateway where the target names itself in a redirection', async () => {
    const args = [version, '--location', '--write-out', '\n%{url_effective}'];
    const landed = urlOf(gateway, '/landed?from=absolute', 'site');
    const said = await output([...args, urlOf(gateway, '/absolute', 'site')]);
    expect(said).toBe(`/landed?from=absolute \n${landed}`);
    const elsewhere = ['--write-out', '%{redirect_url}', urlOf(gateway, '/elsewhere', 'site')];
    expect(await output([version, ...elsewhere])).toBe('https://other.example/landed');
  });

  it('is told why it is denied', async () => {
    const args = [version, '--request', 'DELETE', '--write-out', '\n%{http_code}'];
    const [body = '', status] = (await output([...args, urlOf(gateway, '/small')])).split('\n\n');
    expect(status).toBe('403');
    expect(JSON.parse(body)).toEqual({
      status: 403,
      title: 'sallyport: nobody deletes',
      code: 'rule-deny',
      hint: 'rule rules.http.curl',
      decision: expect.any(String),
    });
    const failed = [...asAda(gateway), version, '--fail', '--request', 'DELETE'];
    const { code, stderr } = await curl(gateway, [...failed, urlOf(gateway, '/small')]);
    expect({ code, stderr }).toEqual({
      code: 22,
      stderr: 'curl: (22) The requested URL returned error: 403\n',
    });
  });

  it('is told which bytes are wrong, and which name is unknown', async () => {
    const wrong = [
      { args: ['--path-as-is', urlOf(gateway, '/a/../b')], rule: 'path-dot-segments' },
      { args: [urlOf(gateway, '/a//b')], rule: 'path-double-slash' },
      { args: [urlOf(gateway, '/a;v=1')], rule: 'path-parameter' },
      { args: ['--header', 'X-Name: zwölf', urlOf(gateway, '/a')], rule: 'header-value' },
      { args: ['--request', 'TRACE', urlOf(gateway, '/a')], rule: 'method' },
      { args: ['--header', 'x_y: 1', urlOf(gateway, '/a')], rule: 'header-underscore' },
      { args: ['--header', 'Host: app.localhost.', urlOf(gateway, '/a')], rule: 'host-syntax' },
    ];
    for (const { args, rule } of wrong) {
      const body = JSON.parse(await output([version, ...args])) as object;
      expect(body).toMatchObject({ status: 400, code: 'statement-ambiguous', rule });
    }
    // In HTTP/1.1 it is node's parser that stops there.
    const body = JSON.parse(await output([version, urlOf(gateway, '/a?q=zwölf')])) as object;
    const rule = version === '--http2' ? 'query-character' : 'HPE_INVALID_URL';
    expect(body).toMatchObject({ status: 400, rule });
    const unknown = await output([version, '--header', 'Host: nope.example', urlOf(gateway, '/')]);
    expect(JSON.parse(unknown)).toMatchObject({ status: 421, code: 'target-unknown' });
  });
});

it('ends the handshake with a client that offers nothing but HTTP/1.0', async () => {
  const args = [...asAda(gateway), '--http1.0', urlOf(gateway, '/small')];
  const { code, stderr } = await curl(gateway, args);
  expect(code).toBe(35);
  expect(stderr).toContain('no application protocol');
});

describe('100 Continue', () => {
  const upload = async (path: string) => {
    const file = await written('ten.bin', Buffer.alloc(10 << 20, 'x'));
    const args = ['--http1.1', '--verbose', '--expect100-timeout', '30', '--upload-file', file];
    const said = ['--output', '/dev/null', '--write-out', '%{http_code} %{size_upload}'];
    return curl(gateway, [...asAda(gateway), ...args, ...said, urlOf(gateway, path)]);
  };

  it('comes for an upload that is allowed', async () => {
    const { stdout, stderr } = await upload('/upload');
    expect(stdout).toBe(`200 ${10 << 20}`);
    expect(stderr).toContain('< HTTP/1.1 100 Continue');
  });

  it('does not come for one that is denied, of which not a byte is sent', async () => {
    const { stdout, stderr } = await upload('/denied');
    expect(stdout).toBe('403 0');
    expect(stderr).toContain('> Expect: 100-continue');
    expect(stderr).not.toContain('100 Continue');
  });
});

describe('who asks', () => {
  const ask = async (args: readonly string[]): Promise<string> => {
    const said = ['--write-out', '%{http_code}', '--output', '/dev/null'];
    return (await curl(gateway, [...said, ...args, urlOf(gateway, '/small')])).stdout;
  };

  it('is the token as the password of Basic, or as Bearer', async () => {
    expect(await ask(['--user', `anybody:${gateway.token()}`])).toBe('200');
    expect(await ask(['--anyauth', '--user', `anybody:${gateway.token()}`])).toBe('200');
    expect(await ask(['--oauth2-bearer', gateway.token()])).toBe('200');
    expect(await ask(['--user', 'ada:wrong'])).toBe('401');
    expect(await ask([])).toBe('401');
  });

  it('is the holder of a client certificate that is listed', async () => {
    const certificate = async (uri: string): Promise<readonly string[]> => {
      const issued = holderCa.issue({ commonName: 'holder', uris: [uri], client: true });
      const cert = await written('holder.crt', Buffer.from(issued.certificatePem));
      const key = await written('holder.key', Buffer.from(issued.keyPem));
      return ['--cert', cert, '--key', key];
    };
    expect(await ask(await certificate('spiffe://lab/triage'))).toBe('200');
    expect(await ask(await certificate('spiffe://lab/nobody'))).toBe('401');
  });

  it('is nobody with a certificate of another authority: the connection ends', async () => {
    const issued = createCertificateAuthority('others').issue({
      ...{ commonName: 'holder', uris: ['spiffe://lab/triage'], client: true },
    });
    const cert = await written('other.crt', Buffer.from(issued.certificatePem));
    const key = await written('other.key', Buffer.from(issued.keyPem));
    const args = ['--cert', cert, '--key', key, ...asAda(gateway)];
    const { code, stdout } = await curl(gateway, [...args, urlOf(gateway, '/small')]);
    expect({ failed: code !== 0, stdout }).toEqual({ failed: true, stdout: '' });
  });
});
