// A real gateway process in front of an HTTP server of the test's, with policies given inline.

import { readFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Limits } from '#engine/model';
import { freePort, temporaryDirectory } from '#lab';
import type { GatewayFiles, PolicyTexts, TestPrincipal } from './gateway-files.ts';
import { writeGatewayFiles, writePolicies } from './gateway-files.ts';
import type { LogLine } from './gateway-process.ts';
import { GatewayProcess } from './gateway-process.ts';

export const allowAllHttp: PolicyTexts = {
  'allow.rego':
    'package rules.http.everything\n\nimport rego.v1\n\nallow contains "everything is allowed"\n',
};

/** A TLS server on this machine, as a target of sallyport.yaml; `ca` is the file of its authority. */
export const httpTarget = ({ port, ca }: { readonly port: number; readonly ca: string }) => ({
  http: `https://127.0.0.1:${port}`,
  tls: { ca },
});

export interface HttpGatewayOptions {
  /** `allowAllHttp` unless given. */
  readonly policies?: PolicyTexts;
  /** `ada`, a human in `engineering`, unless given. */
  readonly principals?: Readonly<Record<string, TestPrincipal>>;
  /** By name, as in sallyport.yaml. */
  readonly targets: Readonly<Record<string, object>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly identity?: object;
  readonly limits?: Partial<Limits>;
  readonly allowPlaintextClients?: boolean;
  /** A free one unless given. */
  readonly port?: number;
}

export class HttpGateway implements AsyncDisposable {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly files: GatewayFiles;
  readonly #remove: () => Promise<void>;
  #process: GatewayProcess;

  private constructor(
    port: number,
    files: GatewayFiles,
    process: GatewayProcess,
    remove: () => Promise<void>,
  ) {
    this.port = port;
    this.files = files;
    this.#process = process;
    this.#remove = remove;
  }

  static async start(options: HttpGatewayOptions): Promise<HttpGateway> {
    const directory = await temporaryDirectory('sallyport-http-gateway-');
    const remove = (): Promise<void> => directory.remove();
    try {
      const port = options.port ?? (await freePort());
      const files = await writeGatewayFiles(directory.path, {
        policies: allowAllHttp,
        principals: { ada: { groups: ['engineering'] } },
        ...options,
        listen: { http: `127.0.0.1:${port}` },
      });
      return new HttpGateway(port, files, await GatewayProcess.start(files.config), remove);
    } catch (error) {
      await remove();
      throw error;
    }
  }

  /** The one that runs now; another after `restart`. */
  get process(): GatewayProcess {
    return this.#process;
  }

  get ca(): string {
    return readFileSync(this.files.ca, 'utf8');
  }

  get caFile(): string {
    return this.files.ca;
  }

  get recordings(): string {
    return join(this.files.state, 'recordings');
  }

  token(principal = 'ada'): string {
    const token = this.files.tokens.get(principal);
    if (token === undefined) throw new Error(`no principal ${principal}`);
    return token;
  }

  /** That lead a principal's requests to a target. */
  headers(target: string, principal = 'ada'): Readonly<Record<string, string>> {
    return { Host: `${target}.localhost`, Authorization: `Bearer ${this.token(principal)}` };
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

  /** Takes a principal out of the tokens file; the gateway finds out by itself. */
  async revoke(principal: string): Promise<void> {
    const file = join(dirname(this.files.config), 'tokens.yaml');
    const { tokens } = JSON.parse(await readFile(file, 'utf8')) as {
      readonly tokens: readonly { readonly id: string }[];
    };
    const kept = tokens.filter(({ id }) => id !== principal);
    await writeFile(`${file}.new`, JSON.stringify({ tokens: kept }));
    await rename(`${file}.new`, file);
  }

  /** After `process.kill()`: a new process with the same files. */
  async restart(): Promise<void> {
    await this.#process.kill();
    this.#process = await GatewayProcess.start(this.files.config);
  }

  async stop(): Promise<void> {
    await this.#process.kill();
    await this.#remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
