// Programs that reach other hosts.

import { hostOf } from '../hosts.ts';
import type { Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import { strict, tame } from '../program-arguments.ts';
import { argumentOf, literal } from '../value.ts';

const curlTable = strict(
  '-0123456789aBfgGIikjlLMnNOpqRsSvVZ# -A:text -b:read -c:write -C:text -d:text -D:write -e:text -E:read -F:text -H:text -h?text -K:runs -m:text -o:write -P:text -Q:text -r:text -t:text ' +
    '-T:read -u:text -U:text -w:text -x:host -X:text -y:text -Y:text -z:text --silent --show-error --location --fail --head --include --insecure --verbose --compressed --request:text --header:text ' +
    '--data:text --data-raw:text --data-binary:text --data-urlencode:text --json:text --form:text --form-string:text --get --output:write --output-dir:write --create-dirs --remote-name ' +
    '--remote-header-name --remote-time --user:text --user-agent:text --referer:text --cookie:read --cookie-jar:write --max-time:text --connect-timeout:text --retry:text --retry-delay:text ' +
    '--retry-max-time:text --retry-connrefused --retry-all-errors --cacert:read --capath:read --cert:read --key:read --cert-type:text --proxy:host --noproxy:text --resolve:text --connect-to:runs ' +
    '--interface:text --unix-socket:read --write-out:text --http1.1 --http2 --http3 --tlsv1.2 --tlsv1.3 --ipv4 --ipv6 --limit-rate:text --range:text --upload-file:read --url:url --config:runs ' +
    '--fail-with-body --progress-bar --no-progress-meter --globoff --path-as-is --stderr:write --trace:write --trace-ascii:write --dump-header:write --oauth2-bearer:text --basic --digest ' +
    '--negotiate --netrc --netrc-file:read --max-redirs:text --keepalive-time:text --post301 --post302 --ssl --ssl-reqd --version --help --engine:runs --proto:text --location-trusted --time-cond:text --speed-limit:text --speed-time:text --aws-sigv4:text --no-buffer --parallel',
  'url',
);

/** What is sent may be a file's content, by `@`; what comes may go to a file named by the URL. */
const curl: Reader = (invocation, reading, place) => {
  curlTable(invocation, reading, place);
  const { found } = reading;
  for (const value of invocation.args) {
    const text = value.kind === 'open' ? '' : value.text;
    const sent = /^(?:--[a-z-]+=|-[dFHw])?(?:[\w.-]*[=;]?)[@<]([^;]+)/.exec(text)?.[1];
    if (sent !== undefined) found.path('reads', literal(sent), place);
    if (text.includes('%output')) found.doubt('option-runs');
    if (/^-\w*O|^--remote-name/.test(text)) found.path('writes', literal('.'), place);
  }
};

const wgetTable = strict(
  '-bcdFHhkKLmNnpqrSvVx46E -a:write -A:text -B:url -D:text -e:runs -i:runs -I:text -l:text -o:write -O:write -P:write -Q:text -R:text -t:text -T:text -U:text -w:text -X:text --quiet ' +
    '--no-verbose --continue --timestamping --output-document:write --output-file:write --append-output:write --directory-prefix:write --tries:text --timeout:text --spider --no-check-certificate ' +
    '--user-agent:text --header:text --post-data:text --post-file:read --method:text --body-data:text --user:text --password:text --recursive --level:text --no-parent --mirror --page-requisites ' +
    '--convert-links --limit-rate:text --wait:text --server-response --content-disposition --ca-certificate:read --execute:runs --config:runs --use-askpass:runs --input-file:runs --no-clobber ' +
    '--show-progress --progress:text --max-redirect:text --inet4-only --inet6-only --retry-connrefused --waitretry:text --load-cookies:read --save-cookies:write --version --help --no-cache --no-proxy',
  'url',
);

const wget: Reader = (invocation, reading, place) => {
  wgetTable(invocation, reading, place);
  const isElsewhere = invocation.args.some((value) =>
    /^(?:-\w*[OP]|--output-document|--directory-prefix|--spider)/.test(argumentOf(value) ?? ''),
  );
  if (!isElsewhere) reading.found.path('writes', literal('.'), place);
};

const probing =
  '-c:text -i:text -I:text -s:text -t:text -w:text -W:text -m:text -M:text -p:text -Q:text -q:text -f:text -n -4 -6 -l:text -S:text';

const nc: Reader = (invocation, reading, place) => {
  const { found } = reading;
  report(invocation, reading, place);
  const words = invocation.args.map(argumentOf);
  if (words.includes(null)) found.doubt('argument');
  // `-e` and `-c` connect a program; which letters take values differs between its kinds.
  const plain = /^-(?:[46bCDdFhklNnrStUuvZz]*|[46bCDdFhklNnrStUuvZz]*[iIMmOPpqsTVWwXx]\d*)$/;
  if (words.some((word) => word?.startsWith('-') === true && !plain.test(word)))
    found.doubt('option-runs');
  for (const word of words) {
    if (word !== null && !word.startsWith('-') && !/^\d+(?:-\d+)?$/.test(word))
      found.host(literal(hostOf(word)));
  }
};

/** Addresses such as `EXEC:`, `SYSTEM:` and `OPEN:` are programs and files. */
const socat: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  for (const value of invocation.args) {
    const text = argumentOf(value);
    const [, host] =
      /^(?:TCP|TCP4|TCP6|UDP|OPENSSL|SSL)(?:-CONNECT)?:([^:,]+):[\w]+(?:,\w+)*$/i.exec(
        text ?? '',
      ) ?? [];
    if (host !== undefined) reading.found.host(literal(host));
    else if (
      text === null ||
      !/^(?:-|-[dvxu]+|STDIO|(?:TCP|TCP4|TCP6|UDP)-LISTEN:\d+(?:,(?:fork|reuseaddr))*)$/i.test(text)
    ) {
      reading.found.doubt('option-runs');
    }
  }
};

export const networkPrograms: readonly (readonly [string, Reader])[] = [
  ['curl', curl],
  ['wget', wget],
  ['nc', nc],
  ['ncat', nc],
  ['netcat', nc],
  ['socat', socat],
  ...['ping', 'ping6', 'traceroute', 'traceroute6', 'tracepath', 'arping'].map(
    (name) => [name, tame(probing, 'host')] as const,
  ),
  ['mtr', tame('-c:text -i:text -s:text -o:text -F:read -a:text', 'host')],
  ['whois', tame('-h:host -p:text', 'text')],
  ...['dig', 'host', 'nslookup', 'drill', 'delv'].map(
    (name) =>
      [
        name,
        tame('-f:read -k:read -c:text -t:text -p:text -q:text -b:text -y:text', 'text'),
      ] as const,
  ),
  [
    'telnet',
    strict(
      '-48EKLacdfFrx -X:text -b:text -e:text -k:text -l:text -n:write -S:text',
      'host',
      'text',
    ),
  ],
  ['ssh-keyscan', strict('-46cDHqv -f:read -O:text -p:text -T:text -t:text', 'host')],
  ['ssh-copy-id', strict('-fnsx -i:read -p:text -o:runs -F:runs -t:text', 'host')],
];
