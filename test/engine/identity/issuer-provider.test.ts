// Access tokens as a real provider writes them.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from '@jest/globals';
import { Agent, request } from 'undici';

import { startOidc, temporaryDirectory } from '#lab';
import type { OidcConfig } from '../../../engine/config/index.ts';
import { Authenticator } from '../../../engine/identity/index.ts';

it('takes the access token that a workload got for its own credentials', async () => {
  await using directory = await temporaryDirectory();
  const client = { id: 'nightly', secret: 'secret', redirectUris: ['https://shop.test/'] };
  const audience = 'https://sallyport.test';
  await using provider = await startOidc({ users: {}, client, audience });
  const [ca, tokens] = ['ca.crt', 'tokens.yaml'].map((name) => join(directory.path, name));
  writeFileSync(ca!, provider.ca);
  writeFileSync(tokens!, 'tokens: []\n');
  const dispatcher = new Agent({ connect: { ca: provider.ca } });
  const answer = await request(`${provider.issuer}/token`, {
    ...{ dispatcher, method: 'POST', body: 'grant_type=client_credentials' },
    headers: {
      authorization: `Basic ${Buffer.from('nightly:secret').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
  });
  const { access_token: token } = (await answer.body.json()) as { access_token: string };
  await dispatcher.close();
  const oidc: OidcConfig = {
    ...{ issuer: provider.issuer, audience, id: 'sub', groups: 'groups', ca, login: undefined },
    types: ['at+jwt'],
    device: undefined,
  };
  const door = new Authenticator(
    { tokens: tokens!, clientCertificates: undefined, oidc, ssh: undefined },
    Date.now,
  );
  expect((await door.byBearer(token))?.principal).toEqual({
    ...{ id: 'nightly', kind: 'workload', groups: [] },
  });
  await door.close();
});
