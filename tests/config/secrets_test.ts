import { deepStrictEqual, equal } from "node:assert/strict";
import { configDirectory } from "../../src/config/directories.ts";
import { isSecret, maskSecrets } from "../../src/config/secrets.ts";

Deno.test("secrets are known by plakar's words, alone or at the end of a key", () => {
  for (
    const key of [
      "passphrase",
      "password",
      "Password",
      "my_token",
      "ssh_private_key",
      "access_key",
      "client_secret",
    ]
  ) {
    equal(isSecret(key), true, key);
  }
  for (const key of ["location", "passphrase_cmd", "tokens", "xaccess_key", "compass", "identity_file"]) {
    equal(isSecret(key), false, key);
  }
});

Deno.test("secrets are masked, and so is a password in a location", () => {
  deepStrictEqual(maskSecrets({ passphrase: "p", location: "sftp://me:pw@h/p", port: "22" }), {
    passphrase: "********",
    location: "sftp://me:***@h/p",
    port: "22",
  });
});

Deno.test("the configuration is where -configdir says, in XDG_CONFIG_HOME, or in ~/.config", () => {
  const context = (xdg?: string) => ({ home: "/home/me", currentDirectory: "/work", variable: () => xdg });
  equal(configDirectory("c", context("/xdg")), "/work/c");
  equal(configDirectory(undefined, context("/xdg")), "/xdg/plakar");
  equal(configDirectory(undefined, context("relative")), "/home/me/.config/plakar");
  equal(configDirectory(undefined, context()), "/home/me/.config/plakar");
});
