// Approvals as an approver sees and answers them, through the control socket of a gateway under test.

import type { ApprovalView, ControlReply } from '#control';
import { callControl, controlSocket } from '#control';

import { eventually } from './eventually.ts';

/** A gateway of any host. */
interface Approvable {
  readonly files: { readonly state: string };
  readonly token: (principal: string) => string;
}

/** What waits for this approver's answer, or was asked by them. */
export async function approvalsOf(
  gateway: Approvable,
  principal: string,
): Promise<readonly ApprovalView[]> {
  const { socket, token } = controlOf(gateway, principal);
  const reply = await callControl({ socket, token, method: 'GET', path: '/approvals' });
  if (reply.kind !== 'answered') throw new Error(`no approvals: ${JSON.stringify(reply)}`);
  return (reply.body as { readonly approvals: readonly ApprovalView[] }).approvals;
}

/** The approvals that this approver can give, as soon as there are so many. */
export async function heldFor(
  gateway: Approvable,
  principal: string,
  count = 1,
): Promise<readonly ApprovalView[]> {
  let found: readonly ApprovalView[] = [];
  await eventually(`${count} approvals wait for ${principal}`, async () => {
    found = await approvalsOf(gateway, principal);
    return found.length === count;
  });
  return found;
}

export function answerApproval(
  gateway: Approvable,
  principal: string,
  {
    id,
    ...body
  }: { readonly id: string; readonly answer: 'approve' | 'deny'; readonly note?: string },
): Promise<ControlReply> {
  const { socket, token } = controlOf(gateway, principal);
  return callControl({ socket, token, method: 'POST', path: `/approvals/${id}`, body });
}

const controlOf = (gateway: Approvable, principal: string) => ({
  socket: controlSocket(gateway.files.state),
  token: gateway.token(principal),
});
