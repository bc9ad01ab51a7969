// npm run conformance -- postgres […]: options in the room's main.ts. HTTP/2 has a command of its own.

const rooms: Readonly<Record<string, () => Promise<{ readonly main: () => Promise<number> }>>> = {
  postgres: () => import('./postgres/main.ts'),
};

const room = rooms[process.argv[2] ?? ''];
if (room === undefined) {
  console.error('error: which host?\nhint: npm run conformance -- postgres');
  process.exitCode = 2;
} else {
  const { main } = await room();
  process.exitCode = await main();
}
