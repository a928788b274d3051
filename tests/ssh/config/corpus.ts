/**
 * Configurations whose meaning is compared with `ssh -G`. In them `DIR` stands for the directory of the test's
 * files, and `ME` for the local user.
 */

/** One configuration, and the hosts it is asked about. */
export interface CorpusCase {
  /** What it is about. */
  name: string;
  /** The file. */
  config: string;
  /** The hosts. */
  hosts: string[];
  /** Other files in the same directory. */
  files?: Record<string, string>;
  /** `-o` options. */
  options?: string[];
}

/** The corpus. */
export const CORPUS: CorpusCase[] = [
  { name: "an empty file", config: "", hosts: ["a"] },
  {
    name: "comments and blank lines",
    config: "\n# Host a\n   # x\n\t\nHost a\n  Port 2 # two\n",
    hosts: ["a"],
  },
  { name: "one host", config: "Host a\n HostName a.example\n User u\n Port 2222\n", hosts: ["a", "b", "A"] },
  { name: "values before the first host", config: "Port 7\nHost a\nPort 8\n", hosts: ["a", "b"] },
  {
    name: "the first value wins",
    config: "Host a\nPort 1\nHost *\nPort 2\nHost a\nPort 3\n",
    hosts: ["a", "b"],
  },
  {
    name: "a star",
    config: "Host *.example.org\nUser s\n",
    hosts: ["x.example.org", "example.org", "a.b.example.org"],
  },
  { name: "a question mark", config: "Host web?\nUser q\n", hosts: ["web1", "web", "web12"] },
  { name: "stars in several places", config: "Host *a*b*\nUser s\n", hosts: ["ab", "xaxbx", "ba", "aab"] },
  { name: "several patterns", config: "Host a b c*\nUser m\n", hosts: ["a", "b", "cc", "d"] },
  { name: "a negated pattern", config: "Host * !b\nUser n\n", hosts: ["a", "b"] },
  { name: "a negated pattern first", config: "Host !b *\nUser n\n", hosts: ["a", "b"] },
  { name: "only a negated pattern", config: "Host !b\nUser n\n", hosts: ["a", "b"] },
  { name: "a negated wildcard", config: "Host *.org !*.b.org\nUser n\n", hosts: ["a.org", "x.b.org"] },
  { name: "a quoted pattern", config: 'Host "a b" c\nUser n\n', hosts: ["c", "a"] },
  {
    name: "case of host names",
    config: "Host Foo\nPort 5\nHost foo\nPort 6\n",
    hosts: ["foo", "Foo", "FOO"],
  },
  { name: "case of keywords", config: "HOST a\nhOsTnAmE x\nPORT 9\n", hosts: ["a"] },
  { name: "equals signs", config: "Host=a\nHostName=x\nPort = 3\nUser =u\n", hosts: ["a"] },
  { name: "tabs", config: "Host\ta\n\tHostName\tx\n\tPort\t\t3\n", hosts: ["a"] },
  { name: "a quoted value", config: 'Host a\nUser "u"\nIdentityFile "/k/with space"\n', hosts: ["a"] },
  { name: "single quotes", config: "Host a\nIdentityFile '/k/with space'\n", hosts: ["a"] },
  { name: "a quote within a word", config: 'Host a\nIdentityFile /k/"x y"/z\n', hosts: ["a"] },
  { name: "an escaped quote", config: 'Host a\nIdentityFile "/k/a\\"b"\n', hosts: ["a"] },
  { name: "an escaped space", config: "Host a\nIdentityFile /k/a\\ b\n", hosts: ["a"] },
  { name: "a hash within a word", config: "Host a\nUser a#b\n", hosts: ["a"] },
  { name: "carriage returns", config: "Host a\r\n  HostName x\r\n  Port 3\r\n\r\n", hosts: ["a"] },
  { name: "no line end at the end", config: "Host a\n Port 3", hosts: ["a"] },
  { name: "spaces at the end", config: "Host a  \n Port 3 \t\n", hosts: ["a"] },
  {
    name: "several identity files",
    config: "IdentityFile /a\nHost a\nIdentityFile /b\nIdentityFile /a\n",
    hosts: ["a", "b"],
  },
  {
    name: "identity files of several hosts",
    config: "Host a\nIdentityFile /1\nHost *\nIdentityFile /2\n",
    hosts: ["a", "b"],
  },
  { name: "no identity file", config: "Host a\nIdentityFile none\nIdentitiesOnly yes\n", hosts: ["a"] },
  { name: "certificate files", config: "CertificateFile /c1\nHost a\nCertificateFile /c2\n", hosts: ["a"] },
  { name: "an agent", config: "IdentityAgent /run/agent\n", hosts: ["a"] },
  { name: "no agent", config: "IdentityAgent none\n", hosts: ["a"] },
  { name: "an agent from a variable", config: "IdentityAgent $MY_AGENT\n", hosts: ["a"] },
  { name: "HostName with %h", config: "Host a b\nHostName %h.example.org\n", hosts: ["a", "b"] },
  { name: "HostName with %%", config: "HostName x%%y\n", hosts: ["a"] },
  { name: "HostName with capitals", config: "HostName Big.Example\n", hosts: ["a"] },
  {
    name: "addresses",
    config: "Host 10.0.*\nUser v4\nHost ::1\nUser v6\n",
    hosts: ["10.0.0.1", "::1", "fe80::1"],
  },
  { name: "Match all", config: "Match all\nPort 4\n", hosts: ["a"] },
  { name: "Match host", config: "Match host a,b*\nPort 4\n", hosts: ["a", "bb", "c"] },
  { name: "Match host with negation", config: "Match host *,!b\nPort 4\n", hosts: ["a", "b"] },
  { name: "negated Match host", config: "Match !host a\nPort 4\n", hosts: ["a", "b"] },
  {
    name: "Match host after HostName",
    config: "Host a\nHostName real\nMatch host real\nPort 4\n",
    hosts: ["a", "real"],
  },
  {
    name: "Match originalhost",
    config: "Host a\nHostName real\nMatch originalhost a\nPort 4\n",
    hosts: ["a", "real"],
  },
  { name: "Match user", config: "Host a\nUser u\nMatch user u\nPort 4\n", hosts: ["a", "b"] },
  {
    name: "Match localuser",
    config: "Match localuser ME\nPort 4\nMatch localuser other\nUser x\n",
    hosts: ["a"],
  },
  {
    name: "several conditions",
    config: "Match host a localuser ME\nPort 4\nMatch host a user no\nUser x\n",
    hosts: ["a"],
  },
  { name: "conditions with equals signs", config: "Match host=a localuser=ME\nPort 4\n", hosts: ["a", "b"] },
  { name: "Match exec", config: 'Match exec "true"\nPort 4\nMatch exec "false"\nUser x\n', hosts: ["a"] },
  { name: "Match exec with a token", config: 'Match exec "test %h = a"\nPort 4\n', hosts: ["a", "b"] },
  { name: "Match exec not reached", config: 'Match host b exec "touch DIR/ran"\nPort 4\n', hosts: ["a"] },
  { name: "negated Match exec", config: 'Match !exec "false"\nPort 4\n', hosts: ["a"] },
  {
    name: "Match final",
    config: "Match final host *.org\nPort 4\nHost a\nHostName a.org\n",
    hosts: ["a", "b"],
  },
  { name: "Match final all", config: "Match final all\nPort 4\nUser f\nHost a\nPort 5\n", hosts: ["a", "b"] },
  { name: "Match canonical", config: "Match canonical all\nPort 4\n", hosts: ["a"] },
  {
    name: "Match canonical with final",
    config: "Match final all\nUser f\nMatch canonical all\nPort 4\n",
    hosts: ["a"],
  },
  { name: "negated Match final", config: "Match !final host a\nPort 4\n", hosts: ["a"] },
  {
    name: "a stock file of Fedora",
    config: "Include DIR/d/*.conf\n",
    files: {
      "d/50-redhat.conf":
        "Match final all\n\tInclude DIR/backend\n\tGSSAPIAuthentication yes\n\tForwardX11Trusted yes\n\tSendEnv LANG LC_*\n",
      backend: "Ciphers aes256-gcm@openssh.com,aes256-ctr\nMACs hmac-sha2-256\n",
    },
    hosts: ["a"],
  },
  { name: "Include", config: "Include DIR/x\nPort 5\n", files: { x: "Host a\nPort 4\n" }, hosts: ["a", "b"] },
  { name: "Include of nothing", config: "Include DIR/none DIR/none*\nPort 5\n", hosts: ["a"] },
  {
    name: "Include with patterns",
    config: "Include DIR/d/*.conf DIR/e/[ab]?\n",
    files: {
      "d/2.conf": "Port 2\n",
      "d/1.conf": "Port 1\n",
      "d/.0.conf": "Port 9\n",
      "e/a1": "User a\n",
      "e/c1": "User c\n",
    },
    hosts: ["a"],
  },
  {
    name: "Include in a host block",
    config: "Host a\nInclude DIR/x\nPort 5\n",
    files: { x: "User u\nHost b\nUser v\n" },
    hosts: ["a", "b"],
  },
  {
    name: "Include in a block that does not apply",
    config: "Host z\nInclude DIR/x\nHost *\nPort 5\n",
    files: { x: "User u\nHost *\nUser v\n" },
    hosts: ["a", "z"],
  },
  {
    name: "Include of Include",
    config: "Include DIR/x\nUser w\n",
    files: { x: "Host a\nInclude DIR/y\n", y: "Port 6\n" },
    hosts: ["a", "b"],
  },
  {
    name: "Include of a quoted name",
    config: 'Include "DIR/with space"\n',
    files: { "with space": "Port 6\n" },
    hosts: ["a"],
  },
  { name: "known hosts files", config: "UserKnownHostsFile /a /b\nGlobalKnownHostsFile /c\n", hosts: ["a"] },
  {
    name: "strictness yes",
    config: "StrictHostKeyChecking yes\nHashKnownHosts yes\nCheckHostIP yes\n",
    hosts: ["a"],
  },
  { name: "strictness no", config: "StrictHostKeyChecking no\nHostKeyAlias other\n", hosts: ["a"] },
  { name: "strictness off", config: "StrictHostKeyChecking off\n", hosts: ["a"] },
  { name: "strictness accept-new", config: "StrictHostKeyChecking accept-new\n", hosts: ["a"] },
  {
    name: "times",
    config: "ConnectTimeout 1m30s\nServerAliveInterval 2m\nServerAliveCountMax 5\n",
    hosts: ["a"],
  },
  {
    name: "numbers",
    config: "ConnectionAttempts 3\nNumberOfPasswordPrompts 1\nConnectTimeout 7\n",
    hosts: ["a"],
  },
  {
    name: "methods off",
    config: "PubkeyAuthentication no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n",
    hosts: ["a"],
  },
  {
    name: "an old name",
    config: "ChallengeResponseAuthentication no\nPubkeyAcceptedKeyTypes ssh-ed25519\n",
    hosts: ["a"],
  },
  { name: "preferred methods", config: "PreferredAuthentications password,publickey\n", hosts: ["a"] },
  { name: "a list of ciphers", config: "Ciphers aes128-ctr,aes256-ctr\n", hosts: ["a"] },
  { name: "ciphers added", config: "Ciphers +aes128-cbc\nMACs +hmac-sha1-96\n", hosts: ["a"] },
  {
    name: "algorithms removed",
    config: "KexAlgorithms -*sha1,sntrup*\nHostKeyAlgorithms -ecdsa*\n",
    hosts: ["a"],
  },
  {
    name: "algorithms moved to the front",
    config: "Ciphers ^aes256-ctr\nHostKeyAlgorithms ^rsa-sha2-256\n",
    hosts: ["a"],
  },
  { name: "key algorithms", config: "PubkeyAcceptedAlgorithms +ssh-rsa\n", hosts: ["a"] },
  { name: "ProxyJump", config: "Host a\nProxyJump gate\nHost b\nProxyJump none\n", hosts: ["a", "b"] },
  { name: "ProxyJump chain", config: "ProxyJump one,two\n", hosts: ["a"] },
  { name: "ProxyJump before ProxyCommand", config: "ProxyJump gate\nProxyCommand nc %h %p\n", hosts: ["a"] },
  { name: "ProxyCommand before ProxyJump", config: "ProxyCommand nc %h %p\nProxyJump gate\n", hosts: ["a"] },
  { name: "ProxyCommand with quotes", config: 'ProxyCommand sh -c "nc %h %p # x"\n', hosts: ["a"] },
  {
    name: "ProxyCommand none",
    config: "Host a\nProxyCommand none\nHost *\nProxyCommand nc %h %p\n",
    hosts: ["a", "b"],
  },
  {
    name: "addresses to use",
    config: "AddressFamily inet\nBindAddress 127.0.0.1\nTCPKeepAlive no\n",
    hosts: ["a"],
  },
  { name: "compression", config: "Compression yes\nRekeyLimit 1G 1h\nLogLevel QUIET\n", hosts: ["a"] },
  {
    name: "options win over the file",
    config: "Host a\nPort 4\nUser f\n",
    hosts: ["a"],
    options: ["Port=9", "User=o"],
  },
  {
    name: "an option adds an identity",
    config: "IdentityFile /b\n",
    hosts: ["a"],
    options: ["IdentityFile=/a"],
  },
  { name: "an option with a space", config: "", hosts: ["a"], options: ["ConnectTimeout 9"] },
  {
    name: "directives without an effect",
    config: "ForwardAgent yes\nSendEnv X\nVisualHostKey yes\nAddKeysToAgent yes\n",
    hosts: ["a"],
  },
  // Both sides refuse these.
  { name: "a port that is none", config: "Port abc\n", hosts: ["a"] },
  { name: "a port that is too big", config: "Port 70000\n", hosts: ["a"] },
  { name: "a flag that is none", config: "Compression maybe\n", hosts: ["a"] },
  { name: "a value missing", config: "HostName\n", hosts: ["a"] },
  { name: "a quote that is not closed", config: 'User "u\n', hosts: ["a"] },
  { name: "words too many", config: "Port 22 23\n", hosts: ["a"] },
  { name: "an unknown condition", config: "Match nonsense x\nPort 4\n", hosts: ["a"] },
  { name: "Match all with another condition", config: "Match host a user b all\nPort 4\n", hosts: ["a"] },
  { name: "Match all with something behind it", config: "Match all host a\nPort 4\n", hosts: ["a"] },
  { name: "Match all behind one condition", config: "Match host a all\nPort 4\n", hosts: ["a", "b"] },
  { name: "Match without a condition", config: "Match\nPort 4\n", hosts: ["a"] },
  { name: "an error in a block that does not apply", config: "Host z\nPort abc\n", hosts: ["a"] },
  { name: "a strictness that is none", config: "StrictHostKeyChecking perhaps\n", hosts: ["a"] },
  { name: "a time that is none", config: "ConnectTimeout soon\n", hosts: ["a"] },
  { name: "an unknown family", config: "AddressFamily inet5\n", hosts: ["a"] },
];
