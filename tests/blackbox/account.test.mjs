// Parties, members, accounts and tokens by the command line: acts on record, and secrets that are told once.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { run as runPolder } from "./lib.mjs";

const folder = mkdtempSync(join(tmpdir(), "polder-account-"));
const data = join(folder, "node");
const password = join(folder, "password");

// lib.mjs founds the node in PostgreSQL where the tests run on that.
function run(args, options) {
    const { code, out, err } = runPolder(args, options);
    return { status: code, out, err };
}
function ok(args, options) {
    const r = run(args, options);
    assert.equal(r.status, 0, `${args.join(" ")}\n${r.out}${r.err}`);
    return r.out;
}
const json = (args, options) => JSON.parse(ok([...args, "--json"], options));
const by = ["--data", data, "--party", "authority", "--member", "sun"];

before(() => {
    ok(["init", "--data", data, "--origin", "data.example.gov", "--law", "cn",
        "--party", "authority:government:authority", "--party", "transport",
        "--member", "authority/sun:security", "--member", "transport/li:steward"]);
});

test("nobody is founded with two of the three administrators' duties", () => {
    for (const pair of ["system,security", "system,audit", "security,audit", "audit,steward,system"]) {
        const r = run(["init", "--data", join(folder, "no"), "--origin", "x.example", "--law", "cn", "--party", "p",
                       "--member", `m:${pair}`]);
        assert.equal(r.status, 77, pair);
        assert.match(r.err, /node\.members\.separate/);
    }
});

test("a party is registered by an act in the public log, with its key", () => {
    const out = ok(["party", "register", ...by, "harbour:enterprise:company", "--title", "en=Harbour works",
                    "--title", "zh=港务公司"]);
    assert.match(out, /data\.example\.gov\/party\/harbour\+/);
    assert.ok(existsSync(join(data, "keys", "harbour.key")));
    const party = json(["party", "list", "--data", data]).parties.find((p) => p.id === "harbour");
    assert.deepEqual(party.title, { en: "Harbour works", zh: "港务公司" });
    assert.equal(party.country, "CN");
    const again = run(["party", "register", ...by, "harbour:enterprise:company"]);
    assert.equal(again.status, 75);
    assert.match(again.err, /already/);
    for (const [given, words] of [["x:sky:company", /chamber/], ["x y:enterprise:company", /spaces/], ["x", /ID:CHAMBER/]])
        assert.match(run(["party", "register", ...by, given]).err, words);
    // A key of its own, under another's name, is none.
    const vkey = json(["party", "list", "--data", data]).parties.find((p) => p.id === "transport").vkey;
    assert.match(run(["party", "register", ...by, "y:public:group", "--vkey", vkey]).err, /must be named/);
});

test("members are registered, given duties and ended by acts that the rules decide", () => {
    ok(["member", "register", ...by, "harbour/wen", "--duty", "owner"]);
    // The owner of one party registers its members, and no others'.
    const owner = ["--data", data, "--party", "harbour", "--member", "wen"];
    ok(["member", "register", ...owner, "harbour/hu", "--duty", "steward"]);
    const foreign = run(["member", "register", ...owner, "transport/x", "--duty", "steward"]);
    assert.equal(foreign.status, 77);
    const admin = run(["member", "duties", ...owner, "harbour/hu", "--duty", "system"]);
    assert.equal(admin.status, 77, admin.err);
    const both = run(["member", "duties", ...by, "harbour/hu", "--duty", "system", "--duty", "audit"]);
    assert.equal(both.status, 77);
    const steward = run(["member", "register", "--data", data, "--party", "transport", "--member", "li", "transport/z"]);
    assert.equal(steward.status, 77, "there is somebody whose duty it is");
    ok(["member", "duties", ...by, "harbour/hu", "--duty", "supervisor", "--duty", "steward"]);
    let hu = json(["member", "list", "--data", data, "--party", "harbour"]).members.find((m) => m.name === "hu");
    assert.deepEqual(hu.duties, ["steward", "supervisor"]);
    ok(["member", "end", ...owner, "harbour/hu"]);
    hu = json(["member", "list", "--data", data]).members.find((m) => m.name === "hu");
    assert.deepEqual(hu.duties, []);
    assert.ok(hu.ended_at);
    // Who has ended acts no more, has no account, and gives the name to nobody.
    assert.match(run(["member", "register", "--data", data, "--party", "harbour", "--member", "hu", "harbour/q"]).err,
                 /no member/);
    assert.match(run(["account", "invite", "--data", data, "harbour/hu"]).err, /no member/);
    assert.match(run(["member", "register", ...by, "harbour/hu"]).err, /not used again/);
    assert.match(run(["member", "register", ...by, "harbour/hu2", "--duty", "king"]).err, /no duty/);
});

test("no name of a person stands in a log, and the record verifies", () => {
    const names = ["wen", "hu", "sun"];
    const walk = (dir) => readdirSync(dir, { withFileTypes: true }).flatMap((e) =>
        e.isDirectory() ? walk(join(dir, e.name)) : [join(dir, e.name)]);
    const tiles = walk(join(data, "ledger")).filter((f) => f.includes("entries"));
    assert.ok(tiles.length >= 1);
    for (const tile of tiles)
        for (const name of names)
            assert.ok(!readFileSync(tile).includes(`"${name}"`), `${name} in ${tile}`);
    const publicly = tiles.filter((f) => f.includes("public")).map((f) => readFileSync(f, "latin1")).join("");
    assert.match(publicly, /data\.example\.gov\/party\/harbour/);
    ok(["verify", "--data", data]);
});

test("an invitation is told once, a password is never told", () => {
    const { code } = json(["account", "invite", "--data", data, "transport/li", "--days", "3"]);
    assert.match(code, /^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/);
    let [account] = json(["account", "list", "--data", data]).accounts;
    assert.equal(account.password_at, null);
    assert.ok(account.invited_until);
    writeFileSync(password, "seven herons over mud\n");
    chmodSync(password, 0o644);
    assert.equal(run(["account", "set-password", "--data", data, "transport/li", "--password-file", password]).status, 77);
    chmodSync(password, 0o600);
    ok(["account", "set-password", "--data", data, "transport/li", "--password-file", password]);
    ok(["account", "set-password", "--data", data, "transport/li"], { env: { ...process.env, POLDER_PASSWORD: "nine storks on a dike" } });
    const weak = run(["account", "set-password", "--data", data, "transport/li"],
                     { env: { ...process.env, POLDER_PASSWORD: "aaaaaaaaaaaaaaaa" } });
    assert.equal(weak.status, 65);
    assert.ok(!weak.err.includes("aaaa"));
    [account] = json(["account", "list", "--data", data, "--party", "transport"]).accounts;
    assert.ok(account.password_at);
    assert.equal(account.invited_until, null);
    ok(["account", "lock", "--data", data, "transport/li"]);
    assert.match(run(["token", "create", "--data", data, "transport/li", "--title", "t", "--scope", "upload"]).err, /locked/);
    ok(["account", "unlock", "--data", data, "transport/li"]);
    for (const args of [["account", "invite", "--data", data, "transport/li", "--days", "31"],
                        ["account", "invite", "--data", data, "li"], ["account", "set-password", "--data", data, "transport/li"]])
        assert.equal(run(args, { env: { PATH: process.env.PATH } }).status, 64, args.join(" "));
});

test("a token is told once, kept as a hash, and revoked", () => {
    const made = json(["token", "create", "--data", data, "transport/li", "--title", "nightly", "--scope", "upload",
                       "--scope", "read_dataset", "--days", "2"]);
    assert.match(made.token, /^polder_[A-Za-z0-9_-]{43}$/);
    if (existsSync(join(data, "polder.db")))
        for (const file of readdirSync(data).filter((f) => f.startsWith("polder.db")))
            assert.ok(!readFileSync(join(data, file)).includes(made.token), file);
    let [token] = json(["token", "list", "--data", data]).tokens;
    assert.equal(token.scopes, "upload read_dataset");
    assert.equal(token.revoked_at, null);
    ok(["token", "revoke", "--data", data, made.id]);
    [token] = json(["token", "list", "--data", data]).tokens;
    assert.ok(token.revoked_at);
    const wrong = run(["token", "create", "--data", data, "transport/li", "--title", "t", "--scope", "uplaod"]);
    assert.equal(wrong.status, 64);
    assert.match(wrong.err, /did you mean "upload"/);
    assert.equal(run(["token", "revoke", "--data", data, "018f0000-0000-7000-8000-000000000000"]).status, 66);
    ok(["verify", "--data", data]);
});
