// Who a PostgreSQL server runs as: it refuses root, so under root it is given to `nobody`.

export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

const nobody = 65534;

/** Empty for an ordinary user: the server runs as whoever asked. */
export const serverAccount = (): Account =>
  process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
