// Attacks on what callers prove who they are with: keys, certificates, security keys, tokens.

import type { CertificateContent } from '../../../hosts/ssh/wire/index.ts';
import {
  certificateTypeOf,
  encodeSignedRequest,
  forever,
  mintCertificate,
  noOptions,
  signerOf,
  typeOf,
} from '../../../hosts/ssh/wire/index.ts';
import type { TestKey, TokenPress } from '../../support/ssh/keys.ts';
import { testKey } from '../../support/ssh/keys.ts';
import { loginRequest, passwordRequest, serviceRequest } from '../../support/ssh/raw-client.ts';
import type { FieldWriter } from '../../support/ssh/raw-peer.ts';
import { messages, RawPeer } from '../../support/ssh/raw-peer.ts';
import type { Outcome, SshArena, SshAttack } from './attack.ts';
import { attackOn, demand } from './attack.ts';
import { authority, revokedSerial, username, victim } from './credential-arena.ts';

const credential = attackOn('credential');
const mallory = testKey('ed25519');

interface Proof {
  readonly algorithm: string;
  readonly publicKey: Buffer;
  readonly by: TestKey;
  readonly press?: TokenPress;
  /** What is signed instead of this login of this session. */
  readonly signed?: Partial<Parameters<typeof encodeSignedRequest>[0]>;
}

const sessionIdOf = (peer: RawPeer): Buffer => peer.protocol._kex?.sessionID ?? Buffer.alloc(0);

function request(
  sessionId: Buffer,
  { algorithm, publicKey, by, press, signed }: Proof,
): FieldWriter {
  const message = encodeSignedRequest({
    ...{ sessionId, user: username, service: 'ssh-connection', algorithm, key: publicKey },
    ...signed,
  });
  const asked = loginRequest(username, 'publickey').boolean(true).text(algorithm).bytes(publicKey);
  return asked.bytes(by.sign(message, press));
}

async function dial(arena: SshArena): Promise<RawPeer> {
  const peer = await RawPeer.dial(arena.login.port);
  peer.send(serviceRequest());
  return peer;
}

/** Refused, and whoever has a right to is still let in on the same connection. */
async function fateOf(peer: RawPeer, { login }: SshArena): Promise<Outcome> {
  const answer = await peer.next(messages.loginFailure, messages.loginSuccess);
  if (answer === undefined) return 'cut';
  if (answer[0] === messages.loginSuccess) return 'served';
  peer.send(passwordRequest(login.username, login.password));
  demand((await peer.next(messages.loginSuccess)) !== undefined, 'nobody is let in any more');
  return 'refused';
}

const presenting = (proof: () => Proof) => async (arena: SshArena) => {
  using peer = await dial(arena);
  peer.send(request(sessionIdOf(peer), proof()));
  return await fateOf(peer, arena);
};

const stolen = (change: Partial<Proof> = {}) =>
  presenting(() => ({
    ...{ algorithm: 'ssh-ed25519', publicKey: victim.key.blob, by: victim.key },
    ...change,
  }));

const content = (): Parameters<typeof mintCertificate>[0] => ({
  ...{ holder: 'user', key: mallory.key, serial: 1n, keyId: 'mallory', principals: ['ada'] },
  ...{ validAfter: 0n, validBefore: forever, options: noOptions },
});

const certified = (
  change: Partial<CertificateContent>,
  { signer = authority, by = mallory }: { readonly signer?: TestKey; readonly by?: TestKey } = {},
) =>
  presenting(() => ({
    algorithm: certificateTypeOf('ssh-ed25519'),
    publicKey: mintCertificate(
      { ...content(), ...change },
      signerOf(signer.privateKey, signer.blob),
    ),
    by,
  }));

const seconds = BigInt(Math.floor(Date.now() / 1000));

/** A login that was seen on one connection is sent on another. */
async function replay(arena: SshArena): Promise<Outcome> {
  using first = await dial(arena);
  const seen = request(sessionIdOf(first), {
    ...{ algorithm: 'ssh-ed25519', publicKey: victim.key.blob, by: victim.key },
  });
  first.send(seen);
  const accepted = await first.next(messages.loginSuccess, messages.loginFailure);
  demand(accepted?.[0] === messages.loginSuccess, 'the victim itself is not let in');
  using second = await dial(arena);
  second.send(seen);
  return await fateOf(second, arena);
}

/** The question whether a key is known is answered with yes, which must let nobody in. */
async function queryAlone(arena: SshArena): Promise<Outcome> {
  using peer = await dial(arena);
  const asked = loginRequest(username, 'publickey').boolean(false).text('ssh-ed25519');
  peer.send(asked.bytes(victim.key.blob));
  await peer.next(messages.loginInfoRequest);
  peer.send(loginRequest(username, 'none'));
  return await fateOf(peer, arena);
}

const tokens = (change: (token: string) => string) => async (arena: SshArena) => {
  using peer = await dial(arena);
  peer.send(passwordRequest(username, change(arena.login.password)));
  return await fateOf(peer, arena);
};

export const credentialCases: readonly SshAttack[] = [
  // What the others are but for one thing each: it shows that they are refused for that thing.
  credential('nothing: the key of who holds it', 'served', stolen()),
  credential('nothing: a certificate of who holds it', 'served', certified({})),
  credential(
    'nothing: a token',
    'served',
    tokens((token) => token),
  ),
  credential('the key of another, signed by mine', 'refused', stolen({ by: mallory })),
  credential('a login of another connection, once more', 'refused', replay),
  credential('a question instead of a signature', 'refused', queryAlone),
  credential('a signature over another name', 'refused', stolen({ signed: { user: 'app@box' } })),
  credential(
    'a signature over another service',
    'refused',
    stolen({ signed: { service: 'ssh-userauth' } }),
  ),
  credential('a signature over another key', 'refused', stolen({ signed: { key: mallory.blob } })),
  credential(
    'a signature over another algorithm',
    'refused',
    stolen({ signed: { algorithm: 'rsa-sha2-512' } }),
  ),
  credential(
    'a key with bytes behind it',
    'refused',
    stolen({ publicKey: Buffer.concat([victim.key.blob, Buffer.of(0)]) }),
  ),
  credential(
    'RSA with SHA-1',
    'refused',
    stolen({ algorithm: 'ssh-rsa', publicKey: victim.rsa.blob, by: victim.rsa }),
  ),
  credential(
    'RSA by another digest than it says',
    'refused',
    stolen({ algorithm: 'rsa-sha2-256', publicKey: victim.rsa.blob, by: victim.rsa }),
  ),
  credential(
    'a security key that nobody touched',
    'refused',
    stolen({
      ...{ algorithm: typeOf(victim.token.key), publicKey: victim.token.blob, by: victim.token },
      press: { flags: 0 },
    }),
  ),
  credential(
    'a security key as if it were a plain one',
    'refused',
    stolen({ publicKey: victim.token.blob, by: victim.token }),
  ),
  credential('a certificate of my own authority', 'refused', certified({}, { signer: mallory })),
  credential('a certificate that another holds', 'refused', certified({ key: victim.key.key })),
  credential('a certificate of a host', 'refused', certified({ holder: 'host' })),
  credential('a certificate for nobody', 'refused', certified({ principals: [] })),
  credential('a certificate for somebody unknown', 'refused', certified({ principals: ['root'] })),
  credential('a certificate for two at once', 'refused', certified({ principals: ['ada', 'dba'] })),
  credential('a certificate that is over', 'refused', certified({ validBefore: seconds })),
  credential(
    'a certificate that is to come',
    'refused',
    certified({ validAfter: seconds + 3600n }),
  ),
  credential(
    'a certificate whose serial is revoked',
    'refused',
    certified({ serial: revokedSerial }),
  ),
  credential(
    'a certificate for elsewhere',
    'refused',
    certified({ options: { ...noOptions, sourceAddress: ['192.0.2.0/24'] } }),
  ),
  credential(
    'a certificate with a fixed command',
    'refused',
    certified({ options: { ...noOptions, forceCommand: 'true' } }),
  ),
  credential(
    'a certificate that demands a PIN, of a key without',
    'refused',
    certified({ options: { ...noOptions, verifyRequired: true } }),
  ),
  credential(
    'a certificate as if it were a plain key',
    'refused',
    presenting(() => ({
      ...{ algorithm: 'ssh-ed25519', by: mallory },
      publicKey: mintCertificate(content(), signerOf(authority.privateKey, authority.blob)),
    })),
  ),
  credential(
    'a token that is cut short',
    'refused',
    tokens((token) => token.slice(0, -1)),
  ),
  credential(
    'a token with a NUL behind it',
    'refused',
    tokens((token) => `${token}\0`),
  ),
  credential(
    'a token in another case',
    'refused',
    tokens((token) => token.toUpperCase()),
  ),
  credential(
    'no token',
    'refused',
    tokens(() => ''),
  ),
];
