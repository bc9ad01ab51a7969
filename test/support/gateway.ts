// A real PostgreSQL behind a real gateway process, with policies given inline: what every e2e test starts.

import type { ConnectionOptions } from 'node:tls';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Limits } from '#engine/model';
import type { PostgresOptions, PostgresServer } from '#lab';
import {
  createCertificateAuthority,
  freePort,
  startPostgres,
  temporaryDirectory,
  writeCertificates,
} from '#lab';
import type { GatewayFiles, PolicyTexts, TestPrincipal } from './gateway-files.ts';
import { writeGatewayFiles, writePolicies } from './gateway-files.ts';
import type { LogLine } from './gateway-process.ts';
import { GatewayProcess } from './gateway-process.ts';

export type { PolicyTexts, TestPrincipal } from './gateway-files.ts';
export type { LogLine } from './gateway-process.ts';

const host = '127.0.0.1';
/** The role as which the gateway logs in; it owns the database. */
export const gatewayRole = { user: 'gateway', password: 'only the gateway knows this' } as const;
/** What clients name as their database. */
export const targetName = 'shop';

export const allowAll: PolicyTexts = {
  'allow.rego':
    'package rules.postgres.everything\n\nimport rego.v1\n\nallow contains "everything is allowed"\n',
};

export interface GatewayOptions {
  /** `allowAll` unless given. */
  readonly policies?: PolicyTexts;
  /** `ada`, a human in `engineering`, unless given. */
  readonly principals?: Readonly<Record<string, TestPrincipal>>;
  /** A TLS server is started, and stopped with the gateway, unless one is given. */
  readonly postgres?: GuardedPostgres;
  readonly server?: Omit<PostgresOptions, 'users' | 'database' | 'tls' | 'hba'>;
  readonly allowPlaintextClients?: boolean;
  /** Speak plaintext to the server as well. */
  readonly plaintextServer?: boolean;
  /** Serve the server although the gateway's role there may do too much. */
  readonly privilegedRole?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly limits?: Partial<Limits>;
}

/** A server with the gateway's role and the authority that signed its certificate. */
export interface GuardedPostgres {
  readonly server: PostgresServer;
  readonly ca: string;
  readonly stop: () => Promise<void>;
}

/** As node-postgres takes it. */
export interface ClientConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: ConnectionOptions | false;
}

/** Starts PostgreSQL that accepts TLS and plaintext, with database `app` owned by the gateway's role. */
export async function startGuardedPostgres(
  options: GatewayOptions['server'] = {},
): Promise<GuardedPostgres> {
  const directory = await temporaryDirectory('sallyport-server-tls-');
  const authority = createCertificateAuthority('server test CA');
  const leaf = authority.issue({ commonName: 'server', dns: ['localhost'], ips: [host] });
  const tls = await writeCertificates(directory.path, 'server', leaf, authority);
  const { user, password } = gatewayRole;
  const server = await startPostgres({
    ...options,
    tls: { certificate: tls.certificate, key: tls.key },
    hba: ['host all all 127.0.0.1/32 scram-sha-256'],
    users: [{ name: user, password }],
    database: 'app',
    setup: [
      `ALTER DATABASE app OWNER TO ${user}; GRANT ALL ON SCHEMA public TO ${user}`,
      ...(options.setup ?? []),
    ],
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await directory.remove();
  };
  return { server, ca: tls.ca, stop };
}

const targetOf = ({ server, ca }: GuardedPostgres, options: GatewayOptions) => ({
  postgres: `${server.host}:${server.port}/${server.database}`,
  tls: options.plaintextServer === true ? { insecure_plaintext: true } : { ca },
  credential: { user: gatewayRole.user, password: { file: './password' } },
  ...(options.privilegedRole === true ? { insecure_privileged_role: true } : {}),
  labels: options.labels ?? {},
});

export class TestGateway implements AsyncDisposable {
  readonly host = host;
  readonly port: number;
  readonly files: GatewayFiles;
  readonly postgres: PostgresServer;
  readonly #guarded: GuardedPostgres;
  readonly #release: () => Promise<void>;
  #process: GatewayProcess;

  private constructor(parts: {
    readonly port: number;
    readonly files: GatewayFiles;
    readonly guarded: GuardedPostgres;
    readonly process: GatewayProcess;
    readonly release: () => Promise<void>;
  }) {
    this.port = parts.port;
    this.files = parts.files;
    this.postgres = parts.guarded.server;
    this.#guarded = parts.guarded;
    this.#process = parts.process;
    this.#release = parts.release;
  }

  static async start(options: GatewayOptions = {}): Promise<TestGateway> {
    const guarded = options.postgres ?? (await startGuardedPostgres(options.server));
    const directory = await temporaryDirectory('sallyport-gateway-');
    const release = async (): Promise<void> => {
      await directory.remove();
      if (options.postgres === undefined) await guarded.stop();
    };
    try {
      const port = await freePort();
      const files = await writeGatewayFiles(directory.path, {
        policies: options.policies ?? allowAll,
        principals: options.principals ?? { ada: { groups: ['engineering'] } },
        listen: { postgres: `${host}:${port}` },
        targets: { [targetName]: targetOf(guarded, options) },
        secrets: { password: gatewayRole.password },
        allowPlaintextClients: options.allowPlaintextClients ?? false,
        limits: options.limits ?? {},
      });
      const process = await GatewayProcess.start(files.config);
      return new TestGateway({ port, files, guarded, process, release });
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** The one that runs now; another after `restart`. */
  get process(): GatewayProcess {
    return this.#process;
  }

  get recordings(): string {
    return join(this.files.state, 'recordings');
  }

  token(principal: string): string {
    const token = this.files.tokens.get(principal);
    if (token === undefined) throw new Error(`no principal ${principal}`);
    return token;
  }

  /** To the gateway as a principal, over verified TLS; `database` is one inside the target. */
  connection(principal = 'ada', database?: string): ClientConnection {
    return {
      host,
      port: this.port,
      user: principal,
      password: this.token(principal),
      database: database === undefined ? targetName : `${targetName}/${database}`,
      ssl: { ca: readFileSync(this.files.ca, 'utf8') },
    };
  }

  /** Past the gateway, with the role that the gateway uses: what a result must be equal to. */
  direct(): ClientConnection {
    const { port, database } = this.postgres;
    const ssl = { ca: readFileSync(this.#guarded.ca, 'utf8') };
    return { host, port, database, ...gatewayRole, ssl };
  }

  /** For libpq programs: the gateway, or the server itself. */
  environment(way: 'gateway' | 'direct' = 'gateway', principal = 'ada'): NodeJS.ProcessEnv {
    const to = way === 'direct' ? this.direct() : this.connection(principal);
    return {
      ...process.env,
      PGHOST: to.host,
      PGPORT: String(to.port),
      PGUSER: to.user,
      PGPASSWORD: to.password,
      PGDATABASE: to.database,
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: way === 'direct' ? this.#guarded.ca : this.files.ca,
      PGAPPNAME: 'test',
      PGCONNECT_TIMEOUT: '10',
    };
  }

  /** Writes policies and waits for the gateway's answer: event `policy-loaded` or `policy-rejected`. */
  async changePolicies(policies: PolicyTexts): Promise<LogLine> {
    const mark = this.#process.log.length;
    await writePolicies(this.files.policies, policies);
    return this.#process.logged(
      ({ event }) => event === 'policy-loaded' || event === 'policy-rejected',
      mark,
    );
  }

  /** After `process.kill()`: a new process with the same files. */
  async restart(): Promise<void> {
    await this.#process.kill();
    this.#process = await GatewayProcess.start(this.files.config);
  }

  async stop(): Promise<void> {
    await this.#process.kill();
    await this.#release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
