// A value that is there now or later: a promise for every statement would cost a turn of the event loop.

export type Eventually<Value> = Value | Promise<Value>;

/** Goes on at once where the value is there. */
export function then<In, Out>(
  value: Eventually<In>,
  next: (value: In) => Eventually<Out>,
): Eventually<Out> {
  return value instanceof Promise ? value.then(next) : next(value);
}
