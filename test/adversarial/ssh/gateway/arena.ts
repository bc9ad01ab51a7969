// The whole gateway as what is attacked: a process of its own, OpenSSH's server behind it, canaries in the server's files.

import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

import { createSshKey, sshKeygen, temporaryDirectory } from '#lab';

import type { Login } from '../../../support/ssh/raw-client.ts';
import type { HostileTarget } from '../../../support/ssh/hostile-target.ts';
import { startHostileTarget } from '../../../support/ssh/hostile-target.ts';
import { SshGateway } from '../../../support/ssh-gateway.ts';
import type { Row } from '../attack.ts';
import { inTime } from '../attack.ts';
import { Canaries } from './canaries.ts';
import { peoplesKeys, revokeToken, writePeople } from './people.ts';
import { arenaPolicies } from './policies.ts';

export interface GatewayArena {
  readonly gateway: SshGateway;
  readonly canaries: Canaries;
  /** Port of a service on the target's own loopback that says the secret to whoever comes. */
  readonly servicePort: number;
  /** Behind the target `hostile`, whose key is pinned, and `impostor`, whose is not. */
  readonly hostile: HostileTarget;
  /** Resolves when the file is written. */
  readonly revokeToken: (principal: string) => Promise<void>;
  /** By token. */
  readonly login: (principal?: string, target?: string) => Login;
}

export interface GatewayAttack {
  readonly name: string;
  readonly class: string;
  /** What becomes of it: one word. */
  readonly expected: string;
  readonly run: (arena: GatewayArena) => Promise<string>;
}

export const gatewayAttackOn =
  (kind: string) =>
  (name: string, expected: string, run: GatewayAttack['run']): GatewayAttack => ({
    ...{ class: kind, name, expected, run },
  });

/** Short enough for tests that wait for them. */
const limits = { holdSecondsMax: 60, drainSecondsMax: 3, channelsMax: 20 };

export async function startGatewayArena(): Promise<GatewayArena & AsyncDisposable> {
  const place = { directory: '' };
  const service = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(secret);
  });
  let secret = '';
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port: servicePort } = service.address() as AddressInfo;
  const keys = await temporaryDirectory('sallyport-hostile-');
  const hostKey = await createSshKey(join(keys.path, 'hostile'), { type: 'rsa', bits: 2048 });
  await sshKeygen('-q', '-p', '-N', '', '-m', 'PEM', '-f', hostKey.key);
  const other = await createSshKey(join(keys.path, 'other'), { type: 'rsa', bits: 2048 });
  const hostile = await startHostileTarget(hostKey.key);
  const ownKey = await createSshKey(join(keys.path, 'own'));
  const hostileTarget = (key: string) => ({
    ssh: `127.0.0.1:${hostile.port}`,
    host_key: key,
    credential: { user: 'root', key: { file: ownKey.key } },
  });
  const gateway = await SshGateway.start({
    targets: {
      hostile: hostileTarget(hostKey.publicKey),
      impostor: hostileTarget(other.publicKey),
    },
    near: { forward_loopback: true },
    policies: arenaPolicies(servicePort),
    principals: {
      ada: { groups: ['engineering'] },
      dora: { groups: ['on-call'] },
      mallory: { groups: [] },
      vera: { groups: ['engineering'] },
      vito: { groups: ['engineering'] },
      eve: { groups: ['engineering'], expires: '2020-01-01T00:00:00Z' },
    },
    limits,
    serverOptions: { settings: ['AcceptEnv *'] },
    identity: {
      ssh: {
        keys: './ssh-keys.yaml',
        certificates: { authorities: './authorities', principals: './principals.yaml' },
        revoked: './revoked.yaml',
      },
    },
    moreKeys: peoplesKeys,
    prepare: async (directory) => {
      place.directory = directory;
      await writePeople(directory);
    },
  });
  const canaries = await Canaries.plant(join(place.directory, 'target'));
  ({ secret } = canaries);
  return {
    ...{ gateway, canaries, servicePort, hostile },
    revokeToken: (principal) => revokeToken(place.directory, principal),
    login: (principal = 'ada', target = 'box') => ({
      ...{ port: gateway.port, username: target, password: gateway.token(principal) },
    }),
    [Symbol.asyncDispose]: async () => {
      service.close();
      await hostile[Symbol.asyncDispose]();
      await keys.remove();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

export async function gatewayRowOf(attack: GatewayAttack, arena: GatewayArena): Promise<Row> {
  const { name, expected } = attack;
  let got: string;
  try {
    await arena.canaries.renew();
    got = await inTime(attack.run(arena));
    if (expected !== 'reached' && (await arena.canaries.reached())) got = 'reached';
  } catch (error) {
    got = error instanceof Error ? error.message : String(error);
  }
  return { name, class: attack.class, expected, got, pass: got === expected };
}
