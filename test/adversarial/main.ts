// npm run adversarial -- http|postgres|ssh [--json FILE] [--only TEXT] [--table]; more options in each room's main.ts.
// The engine's attacks run with the unit tests.

const rooms: Readonly<Record<string, () => Promise<{ readonly main: () => Promise<number> }>>> = {
  http: () => import('./http/main.ts'),
  postgres: () => import('./postgres/main.ts'),
  ssh: () => import('./ssh/main.ts'),
};

const room = rooms[process.argv[2] ?? ''];
if (room === undefined) {
  console.error('error: which host?\nhint: npm run adversarial -- http, postgres or ssh');
  process.exitCode = 2;
} else {
  const { main } = await room();
  process.exitCode = await main();
}
