// The tour's second half: the same gateway before an HTTP server, with rules of its own.

import { clearCard } from './billing.ts';
import { displayPath } from './display-path.ts';
import type { HttpAsk, HttpReply } from './http-client.ts';
import type { Person } from './people.ts';
import { runCommand } from './programs.ts';
import { clearEmail, maskedEmail } from './shop.ts';
import type { TourParts } from './tour-context.ts';
import { command, heldFor } from './tour-context.ts';
import { billingName } from './workspace.ts';

const refund = '{"customer": 2, "cents": 1900}';
const toolCall =
  '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "close_account", "arguments": {"customer": 2}}}';

export async function httpTour(tour: TourParts): Promise<void> {
  await maskedAnswers(tour);
  await deniedDelete(tour);
  await heldPost(tour);
  await refusedToolCall(tour);
  await recordedRequests(tour);
}

async function maskedAnswers(tour: TourParts): Promise<void> {
  const { narrator, workspace } = tour;
  const { ada, grace } = workspace.people;
  narrator.begin('an engineer calls an HTTP service through the same gateway');
  const plans = await ask(tour, ada, { method: 'GET', path: '/plans' });
  narrator.claim(
    plans.status === 200 && plans.text.includes('solo'),
    'allowed; the service knows the gateway, and not her token',
  );
  const customers = { method: 'GET', path: '/customers' };
  const masked = await ask(tour, ada, customers);
  narrator.claim(
    masked.text.includes(maskedEmail) &&
      ![clearEmail, clearCard].some((secret) => masked.text.includes(secret)),
    'fields are masked by their names, card numbers by what they are',
  );
  const clear = await ask(tour, grace, customers);
  narrator.claim(clear.text.includes(clearEmail), 'grace, of group pii-readers, sees them clear');
}

async function deniedDelete(tour: TourParts): Promise<void> {
  const { narrator, workspace } = tour;
  narrator.begin('an agent may read and nothing more');
  const denied = await ask(tour, workspace.people.agent, { method: 'DELETE', path: '/customers' });
  narrator.claim(
    denied.status === 403 && denied.text.includes('rule-deny'),
    'denied with problem details that say why (RFC 9457)',
  );
}

async function heldPost(tour: TourParts): Promise<void> {
  const { narrator, workspace } = tour;
  const { ada, dora } = workspace.people;
  narrator.begin('a request that changes the administration waits for somebody on call');
  const reply = ask(tour, ada, { method: 'POST', path: '/admin/refunds', body: refund });
  const id = await heldFor(tour, dora, reply);
  narrator.claim(id !== '', `held, with her connection open (${id})`);
  await command(tour, dora, ['approvals', 'list']);
  const yes = ['approvals', 'approve', id, '--note', 'agreed with the customer'];
  const given = await command(tour, dora, yes);
  narrator.claim(given.code === 0, 'dora saw the body, and approved exactly this request');
  const { status } = await reply;
  narrator.claim(status === 201, 'the refund was made');
}

async function refusedToolCall(tour: TourParts): Promise<void> {
  const { narrator, workspace } = tour;
  const { agent, dora } = workspace.people;
  narrator.begin("an agent's tool call (MCP) is judged by the tool that it names");
  const reply = ask(tour, agent, { method: 'POST', path: '/mcp', body: toolCall });
  const id = await heldFor(tour, dora, reply);
  narrator.claim(id !== '', `held: close_account is no tool that only reads (${id})`);
  await command(tour, dora, ['approvals', 'deny', id, '--note', 'ask the customer first']);
  const { status, text } = await reply;
  narrator.claim(
    status === 403 && text.includes('ask the customer first'),
    'denied: the agent is told by whom and why, and the service heard nothing',
  );
}

async function recordedRequests(tour: TourParts): Promise<void> {
  const { narrator, workspace } = tour;
  narrator.begin('the requests are in recordings, too');
  const listed = await runCommand(['sessions', 'list', '--json', '--config', workspace.config]);
  const sessions = JSON.parse(listed.text) as readonly Readonly<Record<string, unknown>>[];
  const ofBilling = sessions.filter(({ target }) => target === 'billing');
  const shown: string[] = [];
  for (const { session } of ofBilling.slice(-2)) {
    const args = ['sessions', 'show', String(session)];
    shown.push((await command(tour, undefined, args)).text);
  }
  const all = shown.join('\n');
  narrator.claim(
    ofBilling.length === 6 &&
      ['agreed with the customer', 'ask the customer first', 'cents', 'close_account'].every(
        (words) => all.includes(words),
      ),
    'each request with its decision, its approval and what came of it',
  );
  const verified = await runCommand(['sessions', 'verify', '--config', workspace.config]);
  narrator.claim(verified.code === 0, 'and every chain of hashes is intact');
}

async function ask(tour: TourParts, person: Person, asked: HttpAsk): Promise<HttpReply> {
  const { narrator, http, workspace } = tour;
  const { method, path, body } = asked;
  const parts = [
    `curl --cacert ${displayPath(workspace.ca)}`,
    `-H "Authorization: Bearer $(cat ${displayPath(person.tokenFile)})"`,
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...(body === undefined ? [] : [`--json '${body}'`]),
    `https://${billingName}:${http.port}${path}`,
  ];
  narrator.typed(`${person.name}$`, parts.join(' '));
  const reply = await http.send(person, asked);
  narrator.shown(`${reply.status} ${reply.text}`);
  return reply;
}
