// What transport tells the operator: constant event names, values in fields.

import type { Json } from '#engine/model';

export type OnEvent = (event: string, fields?: Readonly<Record<string, Json>>) => void;
