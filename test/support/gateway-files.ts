// The directory of a gateway under test: configuration, policies, tokens, certificates, secrets.

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Limits } from '#engine/model';
import { createToken } from '#engine/identity';
import { createCertificateAuthority, writeCertificates } from '#lab';

/** Path below the policies directory → Rego text or data document. */
export type PolicyTexts = Readonly<Record<string, string>>;

export interface TestPrincipal {
  readonly kind?: 'human' | 'workload';
  readonly groups?: readonly string[];
  /** RFC 3339. */
  readonly expires?: string;
}

export interface GatewayFilesOptions {
  readonly policies: PolicyTexts;
  /** By id, which is also the name under which the harness gives out the token. */
  readonly principals: Readonly<Record<string, TestPrincipal>>;
  /** As in sallyport.yaml; secrets are files beside it. */
  readonly listen: Readonly<Record<string, string>>;
  readonly targets: Readonly<Record<string, object>>;
  readonly identity?: object;
  readonly ssh?: object;
  /** By file name. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly allowPlaintextClients?: boolean;
  readonly limits?: Partial<Limits>;
}

export interface GatewayFiles {
  readonly config: string;
  readonly policies: string;
  readonly state: string;
  /** PEM file of the authority that signed the gateway's certificate. */
  readonly ca: string;
  /** Principal's id → API token. */
  readonly tokens: ReadonlyMap<string, string>;
}

export async function writeGatewayFiles(
  directory: string,
  options: GatewayFilesOptions,
): Promise<GatewayFiles> {
  const authority = createCertificateAuthority('gateway test CA');
  const leaf = authority.issue({
    commonName: 'gateway',
    // OpenSSL takes no wildcard right below a top-level name.
    dns: [
      'localhost',
      '*.localhost',
      ...Object.keys(options.targets).map((name) => `${name}.localhost`),
    ],
    ips: ['127.0.0.1', '::1'],
  });
  const certificates = await writeCertificates(join(directory, 'tls'), 'gateway', leaf, authority);
  const files = {
    config: join(directory, 'sallyport.yaml'),
    policies: join(directory, 'policies'),
    state: join(directory, 'state'),
    ca: certificates.ca,
  };
  await mkdir(files.policies, { recursive: true });
  await writePolicies(files.policies, options.policies);
  const tokens = await writeTokens(join(directory, 'tokens.yaml'), options.principals);
  for (const [name, secret] of Object.entries(options.secrets ?? {})) {
    await writeFile(join(directory, name), secret, { mode: 0o600 });
  }
  await writeFile(files.config, JSON.stringify(configOf(options), null, 2));
  return { ...files, tokens };
}

function configOf(options: GatewayFilesOptions): object {
  const plaintext = options.allowPlaintextClients === true;
  return {
    policies: './policies',
    state: './state',
    identity: { tokens: './tokens.yaml', ...options.identity },
    tls: {
      certificate: './tls/gateway.crt',
      key: './tls/gateway.key',
      ...(plaintext ? { insecure_allow_plaintext: true } : {}),
    },
    listen: options.listen,
    ...(options.ssh === undefined ? {} : { ssh: options.ssh }),
    targets: options.targets,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  };
}

/** JSON is YAML; renamed into place, so that a reader never sees half of it. */
export async function writeTokens(
  file: string,
  principals: Readonly<Record<string, TestPrincipal>>,
): Promise<ReadonlyMap<string, string>> {
  const tokens = new Map<string, string>();
  const listed = Object.entries(principals).map(([id, principal]) => {
    const { token, hash } = createToken();
    tokens.set(id, token);
    return { id, hash, ...principal };
  });
  await writeFile(`${file}.new`, JSON.stringify({ tokens: listed }));
  await rename(`${file}.new`, file);
  return tokens;
}

/** Writes over what is there; an empty text removes the file. */
export async function writePolicies(directory: string, policies: PolicyTexts): Promise<void> {
  for (const [path, text] of Object.entries(policies)) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await (text === '' ? rm(file, { force: true }) : writeFile(file, text));
  }
}
