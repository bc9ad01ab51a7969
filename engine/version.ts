// The version of this gateway, as recordings and `--version` state it.

import manifest from '../package.json' with { type: 'json' };

export const version: string = manifest.version;
