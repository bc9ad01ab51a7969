// Critical options and extensions of certificates (OpenSSH PROTOCOL.certkeys). An unknown option refuses the certificate,
// as its name says; an unknown extension grants nothing.

import { FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import { malformed } from './wire-error.ts';

export interface CertificateOptions {
  /** The only command that the holder may run; there is no way to honour it and judge commands too. */
  readonly forceCommand: string | undefined;
  /** Networks and addresses from which it counts, as written; `undefined` when from anywhere. */
  readonly sourceAddress: readonly string[] | undefined;
  /** The security key must have known its holder. */
  readonly verifyRequired: boolean;
  /** What the certificate grants, sorted, the unknown ones too. */
  readonly extensions: readonly string[];
}

export const noOptions: CertificateOptions = {
  ...{ forceCommand: undefined, sourceAddress: undefined, verifyRequired: false, extensions: [] },
};

const optionsMax = 32;
const nameMax = 128;
const networksMax = 64;

/** @throws WireError */
export function readOptions(criticalBytes: Buffer, extensionBytes: Buffer): CertificateOptions {
  const critical = readPairs(criticalBytes);
  for (const name of critical.keys()) {
    if (!knownCritical.has(name)) throw malformed('critical option is unknown');
  }
  const command = critical.get('force-command');
  const networks = critical.get('source-address');
  const verify = critical.get('verify-required');
  if (verify !== undefined && verify.length > 0) throw malformed('verify-required has a value');
  const extensions = readPairs(extensionBytes);
  for (const content of extensions.values()) {
    if (content.length > nameMax) throw malformed('extension has a long value');
  }
  return {
    forceCommand: command && readOnlyText(command),
    sourceAddress: networks && readNetworks(networks),
    verifyRequired: verify !== undefined,
    extensions: Array.from(extensions.keys()),
  };
}

const knownCritical: ReadonlySet<string> = new Set([
  'force-command',
  'source-address',
  'verify-required',
]);

/** Names are sorted and come once. */
function readPairs(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const reader = new FieldReader(bytes);
  const pairs = new Map<string, Buffer>();
  let last = '';
  while (reader.remaining > 0) {
    if (pairs.size === optionsMax) throw malformed(`more than ${optionsMax} options`);
    const name = reader.text();
    if (name.length > nameMax || !/^[!-~]+$/.test(name)) throw malformed('option without a name');
    if (name <= last) throw malformed('options are not sorted');
    pairs.set(name, reader.string());
    last = name;
  }
  return pairs;
}

function readOnlyText(bytes: Buffer): string {
  const reader = new FieldReader(bytes);
  const text = reader.text();
  reader.finish();
  return text;
}

function readNetworks(bytes: Buffer): readonly string[] {
  const networks = readOnlyText(bytes).split(',');
  if (networks.length > networksMax) throw malformed(`more than ${networksMax} networks`);
  if (networks.every((network) => /^[0-9A-Fa-f.:]+(\/\d{1,3})?$/.test(network))) return networks;
  throw malformed('source-address is no list of networks');
}

export function encodeOptions(options: CertificateOptions) {
  const critical = new FieldWriter();
  const pair = (name: string, value: string): void => {
    critical.string(name).string(new FieldWriter().string(value).done());
  };
  if (options.forceCommand !== undefined) pair('force-command', options.forceCommand);
  if (options.sourceAddress !== undefined) {
    pair('source-address', options.sourceAddress.join(','));
  }
  if (options.verifyRequired) critical.string('verify-required').string('');
  const extensions = new FieldWriter();
  for (const name of [...options.extensions].sort()) extensions.string(name).string('');
  return { critical: critical.done(), extensions: extensions.done() };
}
