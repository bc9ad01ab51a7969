// Python's urllib through the gateway, which reads no answer before it has sent its whole request, and then closes.

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import type { Origin } from '#lab';
import { requiredProgram, startOrigin } from '#lab';
import { HttpGateway, httpTarget } from '../../support/http-gateway.ts';
import { runToSuccess } from '../../support/program.ts';

const policies = {
  'rules.rego': `package rules.http.python

import rego.v1

allow contains "everybody may ask"

deny contains "nothing is put there" if input.statement.path == "/denied"
`,
};

const script = `
import os, sys, urllib.error, urllib.request
headers = {"Authorization": "Bearer " + os.environ["TOKEN"], "Content-Type": "text/plain"}
request = urllib.request.Request(sys.argv[1], data=b"x" * int(sys.argv[2]), headers=headers)
try:
    answer = urllib.request.urlopen(request)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, answer.read().decode())
`;

let origin: Origin;
let gateway: HttpGateway;

beforeAll(async () => {
  origin = await startOrigin();
  const app = { ...httpTarget(origin), hosts: ['localhost'] };
  gateway = await HttpGateway.start({ targets: { app }, policies });
});

afterAll(async () => {
  await gateway.stop();
  await origin.stop();
});

const post = (path: string, bytes: number, token = gateway.token()): Promise<string> => {
  const env = { PATH: process.env['PATH'], SSL_CERT_FILE: gateway.caFile, TOKEN: token };
  const args = ['-c', script, `https://localhost:${gateway.port}${path}`, String(bytes)];
  return runToSuccess(requiredProgram('python3', 'python3'), args, { env });
};

const large = 10 << 20;

it('uploads', async () => {
  expect(await post('/upload', large)).toContain(`200 {"bytes":${large}`);
});

it.each([10, 100_000, large])('reads why its upload of %d bytes is denied', async (bytes) => {
  expect(await post('/denied', bytes)).toContain('403 {"status":403,"title":"sallyport: nothing');
});

it('reads that its token is wrong', async () => {
  expect(await post('/upload', large, 'wrong')).toContain('401 {');
});
