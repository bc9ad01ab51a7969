// Attacks on who is calling: keys and certificates that are not to let anybody in, names that change, tokens of others.

import { encodeSignedRequest, noOptions } from '../../../../hosts/ssh/wire/index.ts';
import type { TestKey, TokenPress } from '../../../support/ssh/keys.ts';
import { loggedIn, loginRequest, passwordRequest, run } from '../../../support/ssh/raw-client.ts';
import { serviceRequest } from '../../../support/ssh/raw-client.ts';
import { messages, RawPeer } from '../../../support/ssh/raw-peer.ts';
import { demand } from '../attack.ts';
import type { GatewayArena, GatewayAttack } from './arena.ts';
import { gatewayAttackOn } from './arena.ts';
import { certificate, farAway, people, revokedSerial } from './people.ts';

const keys = gatewayAttackOn('keys');
const certificates = gatewayAttackOn('certificates');
const tokens = gatewayAttackOn('tokens and names');

interface Shown {
  readonly blob: Buffer;
  readonly signer: TestKey;
  readonly algorithm?: string;
  readonly signatureOf?: string;
  readonly press?: TokenPress;
  /** Whose session was signed; that of the connection when left out. */
  readonly sessionId?: Buffer;
  readonly signedUser?: string;
  readonly username?: string;
}

const certified = 'ssh-ed25519-cert-v01@openssh.com';

async function dialled(arena: GatewayArena): Promise<RawPeer> {
  const peer = await RawPeer.dial(arena.gateway.port);
  peer.send(serviceRequest());
  return peer;
}

function proofOf(peer: RawPeer, shown: Shown) {
  const { blob, signer, press, username = 'box', algorithm = 'ssh-ed25519' } = shown;
  const sessionId = shown.sessionId ?? peer.protocol._kex?.sessionID ?? Buffer.alloc(0);
  const user = shown.signedUser ?? username;
  const request = { sessionId, user, service: 'ssh-connection', algorithm, key: blob };
  const signature = signer.sign(encodeSignedRequest(request), press);
  const said = loginRequest(username, 'publickey').boolean(true).text(algorithm);
  return said.bytes(blob).bytes(signature);
}

/** Let in counts only when something runs. */
async function fateOf(peer: RawPeer): Promise<string> {
  const answer = await peer.next(messages.loginSuccess, messages.loginFailure);
  if (answer === undefined) return 'cut';
  if (answer[0] === messages.loginFailure) return 'refused';
  return (await run(peer, 'echo in')) === 'in\n' ? 'let in' : 'logged in, of no use';
}

const showing =
  (shown: (arena: GatewayArena) => Shown | Promise<Shown>) =>
  async (arena: GatewayArena): Promise<string> => {
    using peer = await dialled(arena);
    peer.send(proofOf(peer, await shown(arena)));
    return await fateOf(peer);
  };

const key = (signer: TestKey, more: Partial<Shown> = {}): Shown => ({
  ...{ blob: signer.blob, signer, ...more },
});

const byCertificate = (...made: Parameters<typeof certificate>) =>
  showing(() => key(people.stranger, { blob: certificate(...made), algorithm: certified }));

async function sessionIdOfAnother(arena: GatewayArena): Promise<Buffer> {
  using peer = await dialled(arena);
  return peer.protocol._kex?.sessionID ?? Buffer.alloc(0);
}

const byPassword =
  (username: string, password: (arena: GatewayArena) => string) =>
  async (arena: GatewayArena): Promise<string> => {
    using peer = await dialled(arena);
    peer.send(passwordRequest(username, password(arena)));
    return await fateOf(peer);
  };

/** A proof under one name, in front of or behind requests under another. */
const renamed =
  (first: string, then: string) =>
  async (arena: GatewayArena): Promise<string> => {
    using peer = await dialled(arena);
    peer.send(loginRequest(first, 'none'));
    await peer.next(messages.loginFailure);
    peer.send(passwordRequest(then, arena.gateway.token('ada')));
    return await fateOf(peer);
  };

/** The success of one login is no success of the next. */
async function twice(arena: GatewayArena): Promise<string> {
  using peer = await loggedIn(arena.login('mallory'));
  peer.send(passwordRequest('box', arena.gateway.token('ada')));
  const answer = await run(peer, `cat ${arena.canaries.at('open/notes')}`);
  return answer === 'notes\n' ? 'is another' : 'stays who it was';
}

const soon = (seconds: number): bigint => BigInt(Math.floor(Date.now() / 1000) + seconds);
const skKey = 'sk-ssh-ed25519@openssh.com';
const { listed, token, stranger, otherAuthority } = people;

const keyCases: readonly GatewayAttack[] = [
  keys(
    'that is listed',
    'let in',
    showing(() => key(listed)),
  ),
  keys(
    'that nobody listed',
    'refused',
    showing(() => key(stranger)),
  ),
  keys(
    'that is listed for elsewhere',
    'refused',
    showing(() => key(people.elsewhere)),
  ),
  keys(
    'that has expired',
    'refused',
    showing(() => key(people.expired)),
  ),
  keys(
    'that was revoked',
    'refused',
    showing(() => key(people.revoked)),
  ),
  keys(
    'of somebody else',
    'refused',
    showing(() => key(listed, { signer: stranger })),
  ),
  keys(
    'signed for another session',
    'refused',
    showing(async (arena) => key(listed, { sessionId: await sessionIdOfAnother(arena) })),
  ),
  keys(
    'signed for no session',
    'refused',
    showing(() => key(listed, { sessionId: Buffer.alloc(0) })),
  ),
  keys(
    'signed for another user',
    'refused',
    showing(() => key(listed, { signedUser: 'root@box' })),
  ),
  keys(
    'under the name of another algorithm',
    'refused',
    showing(() => key(listed, { algorithm: 'rsa-sha2-512' })),
  ),
  keys(
    'under the name of a certificate',
    'refused',
    showing(() => key(listed, { algorithm: certified })),
  ),
  keys(
    'of an authority itself',
    'refused',
    showing(() => key(people.authority)),
  ),
  keys(
    'on a security key, touched',
    'let in',
    showing(() => key(token, { algorithm: skKey })),
  ),
  keys(
    'on a security key, untouched',
    'refused',
    showing(() => key(token, { algorithm: skKey, press: { flags: 0 } })),
  ),
  keys(
    'on a security key, only recognised',
    'refused',
    showing(() => key(token, { algorithm: skKey, press: { flags: 4 } })),
  ),
  keys(
    'on a security key, of another session',
    'refused',
    showing(async (arena) =>
      key(token, { algorithm: skKey, sessionId: await sessionIdOfAnother(arena) }),
    ),
  ),
];

const certificateCases: readonly GatewayAttack[] = [
  certificates('as it should be', 'let in', byCertificate()),
  certificates('by another authority', 'refused', byCertificate({}, otherAuthority)),
  certificates('by its own key', 'refused', byCertificate({}, stranger)),
  certificates('of a host', 'refused', byCertificate({ holder: 'host' })),
  certificates('expired', 'refused', byCertificate({ validBefore: soon(-5) })),
  certificates('not yet valid', 'refused', byCertificate({ validAfter: soon(600) })),
  certificates(
    'valid for no time',
    'refused',
    byCertificate({ validAfter: soon(5), validBefore: soon(-5) }),
  ),
  certificates('revoked by serial number', 'refused', byCertificate({ serial: revokedSerial })),
  certificates('without names', 'refused', byCertificate({ principals: [] })),
  certificates(
    'in the name of the target’s account',
    'refused',
    byCertificate({ principals: ['root'] }),
  ),
  certificates('in two names', 'refused', byCertificate({ principals: ['ada', 'dora'] })),
  certificates(
    'in a name with more behind it',
    'refused',
    byCertificate({ principals: ['ada,dora'] }),
  ),
  certificates('in a name with another case', 'refused', byCertificate({ principals: ['Ada'] })),
  certificates(
    'from elsewhere',
    'refused',
    byCertificate({ options: { ...noOptions, sourceAddress: [farAway] } }),
  ),
  certificates(
    'with one command',
    'refused',
    byCertificate({ options: { ...noOptions, forceCommand: 'id' } }),
  ),
  certificates(
    'that wants a recognised holder',
    'refused',
    byCertificate({ options: { ...noOptions, verifyRequired: true } }),
  ),
  certificates(
    'with a key of another',
    'refused',
    showing(() => key(listed, { blob: certificate(), algorithm: certified })),
  ),
  certificates(
    'of a revoked key',
    'refused',
    showing(() =>
      key(people.revoked, { blob: certificate({ key: people.revoked.key }), algorithm: certified }),
    ),
  ),
  certificates(
    'with a bit changed',
    'refused',
    showing(() => {
      const blob = certificate();
      // Inside of the nonce.
      blob.writeUInt8(blob.readUInt8(50) ^ 1, 50);
      return key(stranger, { blob, algorithm: certified });
    }),
  ),
  certificates(
    'cut short',
    'refused',
    showing(() => key(stranger, { blob: certificate().subarray(0, -1), algorithm: certified })),
  ),
  certificates(
    'with bytes behind it',
    'refused',
    showing(() =>
      key(stranger, { blob: Buffer.concat([certificate(), Buffer.of(0)]), algorithm: certified }),
    ),
  ),
];

const tokenCases: readonly GatewayAttack[] = [
  tokens(
    'a token',
    'let in',
    byPassword('box', ({ gateway }) => gateway.token('ada')),
  ),
  tokens(
    'that has expired',
    'refused',
    byPassword('box', ({ gateway }) => gateway.token('eve')),
  ),
  tokens(
    'with a letter changed',
    'refused',
    byPassword('box', ({ gateway }) =>
      gateway.token('ada').replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    ),
  ),
  tokens(
    'with a blank behind it',
    'refused',
    byPassword('box', ({ gateway }) => `${gateway.token('ada')} `),
  ),
  tokens(
    'empty',
    'refused',
    byPassword('box', () => ''),
  ),
  tokens(
    'of a megabyte',
    'cut',
    byPassword('box', () => 'x'.repeat(1_000_000)),
  ),
  tokens(
    'for an account that the target does not give',
    'logged in, of no use',
    byPassword('www-data@box', ({ gateway }) => gateway.token('ada')),
  ),
  tokens(
    'for a target that there is not',
    'logged in, of no use',
    byPassword('vault', ({ gateway }) => gateway.token('ada')),
  ),
  tokens(
    'for a target with an option behind it',
    'logged in, of no use',
    byPassword('box -oProxyCommand=id', ({ gateway }) => gateway.token('ada')),
  ),
  tokens(
    'for an account that is an option',
    'logged in, of no use',
    byPassword('-l@box', ({ gateway }) => gateway.token('ada')),
  ),
  tokens(
    'for a target in capitals',
    'logged in, of no use',
    byPassword('BOX', ({ gateway }) => gateway.token('ada')),
  ),
  tokens(
    'for a name with NUL',
    'logged in, of no use',
    byPassword('box\0', ({ gateway }) => gateway.token('ada')),
  ),
  tokens(
    'of nobody in any group',
    'logged in, of no use',
    byPassword('box', ({ gateway }) => gateway.token('mallory')),
  ),
  tokens('under another name than asked with before', 'refused or cut', async (arena) => {
    const fate = await renamed('root@box', 'box')(arena);
    return fate === 'refused' || fate === 'cut' ? 'refused or cut' : fate;
  }),
  tokens('of another person behind a login', 'stays who it was', twice),
  tokens('tried for another person until it fits', 'cut', async (arena) => {
    using peer = await dialled(arena);
    for (let at = 0; at < 50 && !peer.isClosed; at += 1) {
      peer.send(passwordRequest('box', `slp_${at}`));
      if ((await peer.next(messages.loginFailure)) === undefined) return 'cut';
    }
    demand(false, 'fifty tries');
    return 'tried';
  }),
];

export const identityCases: readonly GatewayAttack[] = [
  ...keyCases,
  ...certificateCases,
  ...tokenCases,
];
