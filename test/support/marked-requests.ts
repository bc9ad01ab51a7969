// Callers that send requests with unique markers as fast as they can, over HTTP/1.1 and HTTP/2, until their server is gone.

import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';

import { askHttp2, http2Session } from './http-client.ts';
import type { HttpGateway } from './http-gateway.ts';
import type { MarkedLoad } from './marked-load.ts';

/** Requests under way at a time on the connection of HTTP/2. */
const streams = 6;

interface Markers {
  /** Gives out `marker-<prefix>-<n>-end`, each once. */
  readonly next: () => string;
  readonly answered: () => void;
}

/** `prefix` keeps the markers of one load apart from those of others: letters, digits and dashes. */
export function startMarkedRequests(gateway: HttpGateway, prefix: string): MarkedLoad {
  let sent = 0;
  const first = Promise.withResolvers<undefined>();
  const markers: Markers = {
    next: () => `marker-${prefix}-${(sent += 1)}-end`,
    answered: () => {
      first.resolve(undefined);
    },
  };
  const clients = [gets, uploads, newConnections, multiplexed];
  const ended = Promise.allSettled(clients.map((client) => client(gateway, markers))).then(
    markers.answered,
  );
  return { sent: () => sent, answered: first.promise, ended };
}

/** Sends requests until one fails. */
type Client = (gateway: HttpGateway, markers: Markers) => Promise<unknown>;

const gets: Client = async (gateway, { next, answered }) => {
  using agent = disposable(new Agent({ keepAlive: true, maxSockets: 1 }));
  for (;;) {
    await sendOne(gateway, agent.agent, `/small?${next()}`);
    answered();
  }
};

const uploads: Client = async (gateway, { next }) => {
  using agent = disposable(new Agent({ keepAlive: true, maxSockets: 1 }));
  for (;;) await sendOne(gateway, agent.agent, `/upload?${next()}`, Buffer.alloc(100_000, 'u'));
};

/** A session of its own for each. */
const newConnections: Client = async (gateway, { next }) => {
  for (;;) {
    using agent = disposable(new Agent());
    await sendOne(gateway, agent.agent, `/small?${next()}`);
  }
};

const multiplexed: Client = async (gateway, { next }) => {
  const session: ClientHttp2Session = http2Session(gateway);
  session.on('error', () => undefined);
  try {
    for (;;) {
      await Promise.all(
        Array.from({ length: streams }, () => askHttp2(session, gateway, `/small?${next()}`)),
      );
      if (session.destroyed) return;
    }
  } finally {
    session.destroy();
  }
};

const disposable = (agent: Agent) => ({
  agent,
  [Symbol.dispose]: () => {
    agent.destroy();
  },
});

async function sendOne(
  gateway: HttpGateway,
  agent: Agent,
  path: string,
  body?: Buffer,
): Promise<void> {
  const sent = request({
    ...{ host: gateway.host, port: gateway.port, ca: gateway.ca, servername: 'localhost' },
    ...{
      agent,
      path,
      method: body === undefined ? 'GET' : 'POST',
      headers: gateway.headers('app'),
    },
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  await buffer(response);
}
