// What crosses the control socket, as JSON. One source for the server, the client and the reader.

import type { ApprovalRequirement, Json, JsonObject } from '#engine/model';

export const bodyBytesMax = 16 * 1024;

/** The body of every answer that is not 200: `{"error": …}`. */
export interface ControlFailure {
  readonly code: ControlFailureCode;
  readonly message: string;
  readonly hint: string;
}

type ControlFailureCode =
  | 'not-authenticated'
  | 'no-such-route'
  | 'no-such-approval'
  | 'not-an-approver'
  | 'own-request'
  | 'answered-already'
  | 'body-invalid'
  | 'body-too-large';

/** `GET /approvals` answers `{"approvals": [ApprovalView, …]}`, oldest first. */
export interface ApprovalView {
  readonly id: string;
  readonly requester: { readonly id: string; readonly kind: string };
  readonly session: string;
  readonly target: string;
  /** As the requester sent it: escape it before a terminal sees it. */
  readonly statement: string;
  readonly requirements: readonly ApprovalRequirement[];
  readonly answers: readonly { readonly approver: string; readonly approve: boolean }[];
  /** RFC 3339. */
  readonly openedAt: string;
  readonly expiresAt: string;
  /** Whether the caller may answer it; their own requests are listed but not theirs to answer. */
  readonly mayAnswer: boolean;
}

/** The body of `POST /approvals/:id`. */
export interface AnswerBody {
  readonly answer: 'approve' | 'deny';
  readonly note: string;
}

/** What `GET /status` answers; the composition root fills it. */
export interface StatusView extends JsonObject {
  readonly version: string;
  readonly [key: string]: Json;
}
