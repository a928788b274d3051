/** A server, a person who can reach it by the name `myserver`, and that person's repository. */

import assert from "node:assert/strict";
import { type FaultyProxy, startFaultyProxy } from "../support/faulty_proxy.ts";
import { newProgram, type Program, type ProgramResult } from "../support/program.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";
import { assertTidy } from "../support/store_files.ts";

/** The server, the person and the repository. Disposing of it ends and removes everything. */
export interface Site extends AsyncDisposable {
  /** The server. */
  readonly sshd: Sshd;
  /** The program in the person's home. */
  readonly program: Program;
  /** A plaintext repository. */
  readonly store: string;
  /** An empty directory on the server, which is also one of this machine. */
  readonly served: string;
  /** Where that is for the program. */
  readonly location: string;
  /** Leads `myserver` to the server, or elsewhere. */
  configure(changes?: { port?: number; identity?: string; user?: string }): Promise<void>;
  /** Runs the program on the repository, whatever the exit status; it leaves the store tidy. */
  run(...args: string[]): Promise<ProgramResult>;
  /** Runs the program on the repository and returns its standard output; another exit status than 0 is an error. */
  ok(...args: string[]): Promise<string>;
  /** The short id of the newest snapshot. */
  newest(): Promise<string>;
}

/**
 * Who logs in where access is to be denied: root may read everything, so root's tests log in as `nobody`.
 *
 * @param sshd the server
 * @returns a user name
 */
export function unprivileged(sshd: Sshd): string {
  return Deno.uid() === 0 ? "nobody" : sshd.user;
}

/**
 * Starts a server and creates a repository.
 *
 * @param config lines for sshd_config
 * @returns the site
 */
export async function newSite(config: string[] = []): Promise<Site> {
  await using resources = new AsyncDisposableStack();
  const sshd = resources.use(await startSshd({ config }));
  const program = resources.use(await newProgram());
  const store = `${program.home}/store`;
  const served = `${sshd.directory}/served`;
  await Deno.mkdir(served);
  // Others than the one who runs the tests can log in, too.
  await Deno.chmod(sshd.directory, 0o755);
  await program.write(".ssh/known_hosts", sshd.knownHosts);
  const site = {
    sshd,
    program,
    store,
    served,
    location: `sftp://myserver${served}`,
    async configure({ port = sshd.port, identity = sshd.clientKeys.ed25519.path, user = sshd.user } = {}) {
      const lines = [`HostName ${sshd.host}`, `Port ${port}`, `User ${user}`, `IdentityFile ${identity}`];
      await program.write(".ssh/config", `Host myserver\n  ${lines.join("\n  ")}\n  IdentitiesOnly yes\n`);
    },
    async run(...args: string[]) {
      const result = await program.run(["at", store, ...args]);
      assertTidy(store);
      return result;
    },
    async ok(...args: string[]) {
      const { code, stdout, stderr } = await site.run(...args);
      assert.equal(code, 0, `plakar ${args.join(" ")}: ${stderr}`);
      return stdout;
    },
    newest: async () => (await site.ok("ls")).split(/\s+/)[1],
  };
  await site.configure();
  await site.ok("create", "-plaintext");
  const kept = resources.move();
  return { ...site, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/**
 * Puts a line between the program and the server that can be made to fail.
 *
 * @param site the site, where `myserver` leads through the line from then on
 * @returns the line
 */
export async function connectThroughProxy(site: Site): Promise<FaultyProxy> {
  const proxy = startFaultyProxy(site.sshd.port);
  const known = site.sshd.knownHosts.replaceAll(`:${site.sshd.port} `, `:${proxy.port} `);
  await site.program.write(".ssh/known_hosts", known);
  await site.configure({ port: proxy.port });
  return proxy;
}
