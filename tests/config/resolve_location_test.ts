import { deepStrictEqual, equal, throws } from "node:assert/strict";
import { Configuration } from "../../src/config/configuration.ts";
import { EntryFile } from "../../src/config/entry_file.ts";
import { repositoryToOpen } from "../../src/config/default_repository.ts";
import { resolveLocation } from "../../src/config/resolve_location.ts";

function configuration(): Configuration {
  const made = new Configuration({
    source: EntryFile.empty("source"),
    destination: EntryFile.empty("destination"),
    store: EntryFile.empty("store"),
  });
  made.add("source", "web", {
    location: "sftp://web/srv",
    identity_file: "k",
    ignore: "*.o",
    username: "w",
    port: "1",
  });
  made.add("source", "home", { location: "sftp://me@h:22", username: "you", port: "1" });
  made.add("source", "directives", { location: "sftp://h", User: "d", Port: "5", ProxyJump: "gate" });
  made.add("source", "both", { location: "sftp://me@h:22", User: "d", PORT: "5", user: "e" });
  made.add("source", "rooted", { location: "sftp://h/x", root: "/r" });
  made.add("source", "local", { location: "/srv" });
  made.add("source", "foreign", { location: "sftp://h/p", colour: "red" });
  made.add("source", "empty", {});
  made.add("store", "nas", { location: "/nas", passphrase: "p" });
  return made;
}

function resolve(given: string, options: Record<string, string> = {}, kind: "source" | "store" = "source") {
  return resolveLocation(kind, given, { configuration: configuration(), currentDirectory: "/work", options });
}

Deno.test("a name stands for its location and options", () => {
  deepStrictEqual(resolve("@web"), {
    location: {
      protocol: "sftp",
      host: "web",
      path: "/srv",
      user: "w",
      port: 1,
      options: { identity_file: "k" },
    },
    displayName: "@web",
    settings: { ignore: "*.o" },
  });
});

Deno.test("options that are about the work are kept from the connector", () => {
  deepStrictEqual(resolve("@nas", {}, "store").settings, { passphrase: "p" });
});

Deno.test("-o goes over the URL, and the URL over the entry", () => {
  const of = (given: string, options = {}) => {
    const { location } = resolve(given, options);
    return location.protocol === "sftp" ? [location.user, location.port] : [];
  };
  deepStrictEqual(of("@home"), ["me", 22]);
  deepStrictEqual(of("@home", { username: "o", port: "3" }), ["o", 3]);
  deepStrictEqual(of("sftp://a@b:4", { username: "o", port: "3" }), ["o", 3]);
  deepStrictEqual(of("@web", { port: "3" }), ["w", 3]);
  // The directives of ssh_config are no exception.
  deepStrictEqual(of("@directives"), ["d", 5]);
  deepStrictEqual(of("@both"), ["me", 22]);
  deepStrictEqual(of("@both", { User: "o", Port: "3" }), ["o", 3]);
  deepStrictEqual(of("sftp://a@b:4", { user: "o", Port: "3" }), ["o", 3]);
  deepStrictEqual(resolve("@directives").location, {
    protocol: "sftp",
    host: "h",
    user: "d",
    port: 5,
    options: { ProxyJump: "gate" },
  });
  const { location } = resolve("@directives", { proxyjump: "other" });
  deepStrictEqual(location.protocol === "sftp" && Object.keys(location.options), ["proxyjump", "ProxyJump"]);
  throws(() => of("@web", { port: "x" }), { code: "config" });
});

Deno.test("-o replaces options of the entry, and even the location", () => {
  deepStrictEqual(resolve("@web", { identity_file: "o", location: "sftp://other/p" }).location, {
    protocol: "sftp",
    host: "other",
    path: "/p",
    user: "w",
    port: 1,
    options: { identity_file: "o" },
  });
});

Deno.test("an option of -o that does not exist is refused, one of an entry may be another program's", () => {
  for (const given of ["@web", "sftp://h/p", "/local"]) {
    throws(() => resolve(given, { exclude_cache: "true" }), {
      code: "usage",
      hint: "Did you mean exclude_caches?",
    });
    throws(() => resolve(given, { proxyjmp: "gate" }), { code: "usage", hint: "Did you mean proxyjump?" });
  }
  deepStrictEqual(resolve("@foreign").location, {
    protocol: "sftp",
    host: "h",
    path: "/p",
    options: { colour: "red" },
  });
});

Deno.test("root replaces the path", () => {
  const { location } = resolve("@rooted");
  equal(location.path, "/r");
});

Deno.test("@name:path joins a path, or replaces it if it begins with a slash", () => {
  equal(resolve("@web:www/a").location.path, "/srv/www/a");
  equal(resolve("@web:/etc").location.path, "/etc");
  equal(resolve("@web:").location.path, "/srv");
  equal(resolve("@home:a").location.path, "a");
  equal(resolve("@home:é").location.path, "\xc3\xa9");
  equal(resolve("@rooted:a").location.path, "/r/a");
  equal(resolve("@local:a/b").location.path, "/srv/a/b");
  equal(resolve("@local:/etc").location.path, "/etc");
});

Deno.test("without @ it is a location", () => {
  deepStrictEqual(resolve("a").location, { protocol: "fs", path: "/work/a" });
  deepStrictEqual(resolve("sftp://h", { transport: "openssh" }).location, {
    protocol: "sftp",
    host: "h",
    options: { transport: "openssh" },
  });
});

Deno.test("unknown names and entries without a location are errors in plakar's words", () => {
  throws(() => resolve("@nope"), {
    code: "not-found",
    message: "could not resolve importer: @nope",
    hint: "the sources are @web, @home, @directives, @both, @rooted, @local, @foreign, @empty",
  });
  throws(() => resolve("@nope", {}, "store"), { message: "could not resolve repository: @nope" });
  throws(() => resolve("@empty"), { code: "config", message: "could not resolve importer location: @empty" });
  equal(resolve("@empty", { location: "/x" }).location.path, "/x");
});

Deno.test("the repository is the one of at, of PLAKAR_REPOSITORY, of the configuration, or ~/.plakar", () => {
  const made = configuration();
  const variable = (name: string) => name === "PLAKAR_REPOSITORY" ? "/env" : undefined;
  const none = () => undefined;
  equal(repositoryToOpen(undefined, none, made, "/home/me"), "/home/me/.plakar");
  made.defaultStore = "nas";
  equal(repositoryToOpen(undefined, none, made, "/home/me"), "@nas");
  equal(repositoryToOpen(undefined, () => "", made, "/home/me"), "@nas");
  equal(repositoryToOpen(undefined, variable, made, "/home/me"), "/env");
  equal(repositoryToOpen("/at", variable, made, "/home/me"), "/at");
});
