// A gateway whose targets are named as the databases behind them, with a superuser's credential: a test suite that
// connects to a database by its name finds it, and may do what it does to a server.

import type { PostgresServer } from '#lab';
import { freePort } from '#lab';
import { allowAll } from '../../support/gateway.ts';
import { writeGatewayFiles } from '../../support/gateway-files.ts';
import type { GatewayFiles } from '../../support/gateway-files.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';

const host = '127.0.0.1';
const principal = 'ada';

export class SuiteGateway implements AsyncDisposable {
  readonly #port: number;
  readonly #files: GatewayFiles;
  readonly #process: GatewayProcess;

  private constructor(port: number, files: GatewayFiles, process: GatewayProcess) {
    this.#port = port;
    this.#files = files;
    this.#process = process;
  }

  static async start(
    directory: string,
    server: PostgresServer,
    databases: readonly string[],
  ): Promise<SuiteGateway> {
    const port = await freePort();
    const targetOf = (database: string): object => ({
      postgres: `${server.host}:${server.port}/${database}`,
      tls: { insecure_plaintext: true },
      credential: { user: server.superuser.user, password: { file: './password' } },
      insecure_privileged_role: true,
    });
    const files = await writeGatewayFiles(directory, {
      policies: allowAll,
      principals: { [principal]: {} },
      listen: { postgres: `${host}:${port}` },
      targets: Object.fromEntries(databases.map((name) => [name, targetOf(name)])),
      secrets: { password: server.superuser.password },
    });
    return new SuiteGateway(port, files, await GatewayProcess.start(files.config));
  }

  environment(database: string): Readonly<Record<string, string>> {
    return {
      ...{ PGHOST: host, PGPORT: String(this.#port), PGDATABASE: database },
      ...{ PGUSER: 'postgres', PGPASSWORD: this.#files.tokens.get(principal) ?? '' },
      ...{ PGSSLMODE: 'verify-full', PGSSLROOTCERT: this.#files.ca },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
  }
}
