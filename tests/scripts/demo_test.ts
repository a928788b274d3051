import assert from "node:assert/strict";

Deno.test("the demonstration shows a backup, a listing and a restore that is the same byte by byte", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo"],
    cwd: new URL("../../", import.meta.url),
    stdin: "null",
  }).output();
  const shown = new TextDecoder().decode(stdout);
  assert.equal(code, 0, shown + new TextDecoder().decode(stderr));
  for (
    const command of [
      "create",
      "backup sftp://demo/srv/documents",
      "ls",
      "restore -to sftp://demo/srv/restored",
    ]
  ) {
    assert.ok(shown.includes(`$ plakar at ./backups ${command}`), command);
  }
  assert.match(shown, /All 5 files .* are the same, byte by byte\.\n$/);
});
