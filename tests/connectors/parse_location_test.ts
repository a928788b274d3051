import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import { parseLocation, withoutPassword } from "../../src/connectors/parse_location.ts";
import { PlakarError } from "../../src/lib/errors.ts";

const parse = (text: string) => parseLocation(text, { currentDirectory: "/work" });
const sftp = (rest: Record<string, unknown>) => ({ protocol: "sftp", options: {}, ...rest });

function refusal(text: string): PlakarError {
  try {
    parse(text);
  } catch (error) {
    ok(error instanceof PlakarError);
    equal(error.code, "usage");
    return error;
  }
  throw new Error(`${text} was accepted`);
}

Deno.test("an SFTP URL names user, host, port and path", () => {
  deepStrictEqual(parse("sftp://host"), sftp({ host: "host" }));
  deepStrictEqual(parse("sftp://host/etc"), sftp({ host: "host", path: "/etc" }));
  deepStrictEqual(
    parse("SFTP://me@host:2222/a/b"),
    sftp({ host: "host", user: "me", port: 2222, path: "/a/b" }),
  );
});

Deno.test("an empty path, /~ and /. are the login directory, and / is the root", () => {
  for (const text of ["sftp://h", "sftp://h/~", "sftp://h/~/", "sftp://h/.", "sftp://h/./"]) {
    deepStrictEqual(parse(text), sftp({ host: "h" }), text);
  }
  deepStrictEqual(parse("sftp://h/"), sftp({ host: "h", path: "/" }));
});

Deno.test("/~/ and /./ lead into the login directory", () => {
  deepStrictEqual(parse("sftp://h/~/a/b"), sftp({ host: "h", path: "a/b" }));
  deepStrictEqual(parse("sftp://h/./a"), sftp({ host: "h", path: "a" }));
  deepStrictEqual(parse("sftp://h/~name/a"), sftp({ host: "h", path: "/~name/a" }));
  deepStrictEqual(parse("sftp://h/.ssh"), sftp({ host: "h", path: "/.ssh" }));
});

Deno.test("an empty port is no port", () =>
  deepStrictEqual(parse("sftp://h:/p"), sftp({ host: "h", path: "/p" })));

Deno.test("percent signs stand for bytes, in any encoding", () => {
  deepStrictEqual(parse("sftp://h/a%20b%25"), sftp({ host: "h", path: "/a b%" }));
  deepStrictEqual(parse("sftp://h/%ff%00".slice(0, -3)), sftp({ host: "h", path: "/\xff" }));
  deepStrictEqual(parse("sftp://h/é"), sftp({ host: "h", path: "/\xc3\xa9" }));
  deepStrictEqual(parse("sftp://m%40e@h"), sftp({ host: "h", user: "m@e" }));
  ok(refusal("sftp://h/100%").hint?.includes("%25"));
  refusal("sftp://h/a%00b");
});

Deno.test("a question mark and a number sign are part of the path", () => {
  deepStrictEqual(parse("sftp://h/a?b#c"), sftp({ host: "h", path: "/a?b#c" }));
});

Deno.test("IPv6 addresses stand in brackets", () => {
  deepStrictEqual(parse("sftp://[::1]:22/p"), sftp({ host: "::1", port: 22, path: "/p" }));
  deepStrictEqual(
    parse("sftp://me@[fe80::1%25eth0]/p"),
    sftp({ host: "fe80::1%eth0", user: "me", path: "/p" }),
  );
  ok(refusal("sftp://::1/p").hint?.includes("brackets"));
});

Deno.test("a password is refused and never shown", () => {
  for (const text of ["sftp://me:geheim@h/p", "me:geheim@h:/p"]) {
    const error = refusal(text);
    ok(!error.message.includes("geheim"));
    ok(error.hint?.includes("key"));
  }
  equal(withoutPassword("sftp://me:geheim@h/p"), "sftp://me:***@h/p");
  equal(withoutPassword("sftp://me@h/p:q@r"), "sftp://me@h/p:q@r");
});

Deno.test("hosts and ports that are none are refused", () => {
  for (
    const text of [
      ...[
        "sftp://",
        "sftp:///etc",
        "sftp:h/p",
        "sftp://@h",
        "sftp://-oProxyCommand=x/p",
        "sftp://h:0",
        "sftp://h:65536",
      ],
      ...["sftp://h:x/p", "sftp://a b/p", "sftp://h%2fx/p", "-oX@-y:/p"],
    ]
  ) refusal(text);
});

Deno.test("the form of scp is taken, without percent decoding", () => {
  deepStrictEqual(parse("me@host:/a%20b"), sftp({ host: "host", user: "me", path: "/a%20b" }));
  deepStrictEqual(parse("host:/etc"), sftp({ host: "host", path: "/etc" }));
  deepStrictEqual(parse("host:rel/a"), sftp({ host: "host", path: "rel/a" }));
  deepStrictEqual(parse("me@host:"), sftp({ host: "host", user: "me" }));
  deepStrictEqual(parse("host:~/a"), sftp({ host: "host", path: "a" }));
  deepStrictEqual(parse("me@[::1]:/a"), sftp({ host: "::1", user: "me", path: "/a" }));
});

Deno.test("everything else is a local path, made absolute", () => {
  const paths: [string, string][] = [
    ["/etc/", "/etc"],
    ["a/b:c", "/work/a/b:c"],
    ["./a:b", "/work/a:b"],
    ["../a", "/a"],
    ["~x", "/work/~x"],
    ["me@host", "/work/me@host"],
    ["C:\\x", "/work/C:\\x"],
    ["fs:///etc", "/etc"],
    ["fs:/etc", "/etc"],
    ["fs:a", "/work/a"],
    ["fs://a", "/work/a"],
  ];
  for (const [text, path] of paths) deepStrictEqual(parse(text), { protocol: "fs", path }, text);
});

Deno.test("an unknown protocol is named, and ssh: suggests sftp:", () => {
  equal(
    refusal("s3://bucket/x").message,
    'Cannot use location "s3://bucket/x": protocol s3 is not supported',
  );
  equal(refusal("s3:bucket").message, 'Cannot use location "s3:bucket": protocol s3 is not supported');
  equal(refusal("sfpt://h/p").message, 'Cannot use location "sfpt://h/p": protocol sfpt is not supported');
  equal(refusal("ssh://h/p").hint, "did you mean sftp://h/p?");
});

Deno.test("nothing is no location", () => {
  throws(() => parse(""), { code: "usage" });
  throws(() => parse("fs://"), { code: "usage" });
});

Deno.test("options go with an SFTP location", () => {
  deepStrictEqual(
    parseLocation("sftp://h", { currentDirectory: "/", options: { identity_file: "k" } }),
    { protocol: "sftp", host: "h", options: { identity_file: "k" } },
  );
});
