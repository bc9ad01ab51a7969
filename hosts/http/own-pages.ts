// Paths that the gateway answers itself, at every target's host: none of them reaches a target.

import type { Refusal } from './refusal.ts';

export const ownPaths = '/.sallyport/';

export const noSuchPage: Refusal = {
  status: 404,
  code: 'target-unknown',
  message: 'there is no such page of the gateway',
  hint: 'paths below /.sallyport/ are the gateway’s own',
};
