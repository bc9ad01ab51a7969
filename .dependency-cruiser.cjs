// The arrows between rooms. Each rule says why it exists; `npm run check` enforces them.

const deny = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    deny(
      'no-cycles',
      'A cycle has no top: neither side can be understood or tested alone.',
      {},
      { circular: true },
    ),
    deny(
      'engine-is-protocol-blind',
      'The engine decides for every protocol; knowing one would make the others second class.',
      { path: '^engine/' },
      { path: '^(hosts|transport|control|cli|lab)/' },
    ),
    deny(
      'transport-knows-no-policy',
      'Sockets and TLS are written once for all hosts; policy or protocol there would leak between them.',
      { path: '^transport/' },
      { path: '^(engine/(?!model|secrets)|hosts|control|cli|lab)/' },
    ),
    deny(
      'hosts-are-strangers',
      'A change to one protocol must never move another.',
      { path: '^hosts/([^/]+)/' },
      { path: '^hosts/([^/]+)/', pathNot: '^hosts/$1/' },
    ),
    deny(
      'hosts-below-cli',
      'Hosts are composed by the command line, never the other way round.',
      { path: '^hosts/' },
      { path: '^(cli|control|lab)/' },
    ),
    deny(
      'wire-is-pure',
      'A codec with sockets or engine in it cannot be fuzzed or replayed.',
      { path: '^hosts/[^/]+/wire/' },
      { path: ['^(engine|transport)/', '^hosts/[^/]+/(?!wire/)', '^(node:)?(net|tls|fs|http)$'] },
    ),
    deny(
      'ssh-files-are-pure',
      'What inspects bytes of file transfers is fuzzed and replayed without sockets, policy or a library.',
      { path: '^hosts/ssh/files/' },
      {
        path: [
          '^(engine|transport)/',
          '^hosts/ssh/(?!files/)',
          'ssh2',
          '^(node:)?(net|tls|fs|http)$',
        ],
      },
    ),
    deny(
      'model-is-plain',
      'Types that everyone shares may depend on nothing.',
      { path: '^engine/model/' },
      { pathNot: '^engine/model/' },
    ),
    deny(
      'pure-rooms-stay-pure',
      'Masking and approval are functions of their arguments, so they are tested without a clock or a disk.',
      { path: '^engine/(masking|approval)/' },
      { pathNot: ['^engine/(masking|approval|model)/', '^(node:)?(crypto|buffer)$'] },
    ),
    deny(
      'one-adapter',
      'Only the adapter may see a compiled module: what loads or asks it elsewhere would trust it in its own way.',
      { path: '^engine/policy/(?!module/)' },
      { path: '@open-policy-agent/opa-wasm' },
    ),
    deny(
      'routing-decides-nothing',
      'The index may skip rules and never make one fire; so it must not get hold of the module.',
      { path: '^engine/policy/routing/' },
      { path: '^engine/policy/module/' },
    ),
    deny(
      'lab-is-not-shipped-in-the-data-path',
      'The lab starts servers for demo, tests and benches; a gateway must run without it.',
      { path: '^(engine|transport|hosts|control)/' },
      { path: '^lab/' },
    ),
    deny(
      'cross-rooms-by-their-door',
      'A room is used through its index; its inside may be rearranged freely.',
      { path: '^(hosts|control|cli|lab)/' },
      {
        path: '^(engine|transport)/',
        pathNot: ['^(engine|transport)/index\\.ts$', '^engine/[^/]+/index\\.ts$'],
      },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
