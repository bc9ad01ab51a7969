// A gateway with a GraphQL, a JSON-RPC and an MCP endpoint and rules that read bodies, in front of a target that keeps
// what it gets.

import { expect } from '@jest/globals';

import type { RecordingUpstream } from '#lab';
import { startRecordingUpstream } from '#lab';

import { HttpGateway, httpTarget } from './http-gateway.ts';
import type { Posted } from './posted-request.ts';
import { receivedBodies, send } from './posted-request.ts';

const policies = {
  'rules.rego': `package rules.http.endpoints

import rego.v1

allow contains "everybody may ask"

deny contains "no introspection" if input.statement.graphql.introspection

deny contains "no secrets" if "users.secret" in input.statement.graphql.paths

deny contains "nobody is erased" if "eraseUser" in input.statement.graphql.fields

approve contains {"id": "mutation", "msg": "a mutation", "groups": ["dba"], "ttl": "10m"} if {
	input.statement.graphql.type == "mutation"
}

mask contains {"field": "$..email", "strategy": "fixed"} if input.statement.unit == "operation"

deny contains "no shell" if input.statement.rpc.tool == "shell"

deny contains "no transfers" if input.statement.rpc.method == "transfer"

deny contains "no secret files" if startswith(input.statement.rpc.resource, "file:///etc/")
`,
  'bodies.rego': `package rules.http.bodies

import rego.v1

default amount := 0

amount := input.statement.body.json.amount

deny contains "too much" if amount > 100

deny contains "no admins" if {
	some field in input.statement.body.fields
	field.name == "role"
	field.value == "admin"
}

deny contains "no programs" if {
	some part in input.statement.body.parts
	endswith(part.filename, ".exe")
}
`,
};

export interface EndpointArena extends AsyncDisposable {
  readonly gateway: HttpGateway;
  readonly upstream: RecordingUpstream;
  /** Passes, and the target gets this very body. */
  readonly passes: (posted: Posted) => Promise<void>;
  /** By that rule, or code; nothing reaches the target. */
  readonly refuses: (posted: Posted, status: number, refusal: string) => Promise<void>;
}

export async function startEndpointArena(): Promise<EndpointArena> {
  const upstream = await startRecordingUpstream();
  const endpoints = { graphql: ['/graphql'], json_rpc: ['/rpc'], mcp: ['/mcp'] };
  const gateway = await HttpGateway.start({
    targets: { app: { ...httpTarget(upstream), ...endpoints } },
    policies,
    limits: { bodyBytesMax: 4096, heldRequestSecondsMax: 1 },
  });
  return {
    gateway,
    upstream,
    passes: async (posted) => {
      upstream.take();
      upstream.answerWith(jsonAnswer('{}'));
      expect(await send(gateway, posted)).toMatchObject({ status: 200, body: '{}' });
      upstream.answerWith(undefined);
      expect(receivedBodies(upstream)).toEqual([String(posted.body ?? '')]);
    },
    refuses: async (posted, status, refusal) => {
      upstream.take();
      expect(await send(gateway, posted)).toMatchObject({ status, refusal });
      expect(receivedBodies(upstream)).toEqual([]);
    },
    [Symbol.asyncDispose]: async () => {
      await gateway.stop();
      await upstream.stop();
    },
  };
}

export const jsonAnswer = (body: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
