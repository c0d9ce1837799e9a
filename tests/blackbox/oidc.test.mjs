// Signing in by a real provider of OpenID Connect: Debian's glewlwyd, set up over its own API, with a browser's part played here.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { missing as noProvider, Provider } from "./glewlwyd.mjs";

const POLDER = process.env.POLDER ?? "build/polder";
const SIGN_IN = join(dirname(POLDER), "tests", "sign_in_oidc");
const missing = noProvider || (existsSync(SIGN_IN) ? false : `${SIGN_IN} isn't built`);

const folder = mkdtempSync(join(tmpdir(), "polder-oidc-"));
const data = join(folder, "node");
const REDIRECT = "http://localhost:18080/sign-in/oidc/callback";
const provider = new Provider();

function run(program, args) {
    const r = spawnSync(program, args, { encoding: "utf8" });
    return { status: r.status, out: r.stdout.trim(), err: r.stderr };
}
function ok(program, args) {
    const r = run(program, args);
    assert.equal(r.status, 0, `${args.join(" ")}\n${r.out}${r.err}`);
    return r.out;
}

before(async () => {
    if (missing) return;
    await provider.start(folder, REDIRECT);
    await provider.addIssuer("rsa", "rsa");
    await provider.addIssuer("ec", "ecdsa");
    for (const username of ["wen", "hu"]) await provider.addUser(username);
    ok(POLDER, ["init", "--data", data, "--origin", "data.example.gov", "--law", "cn", "--party", "harbour",
                "--member", "wen:steward", "--member", "hu:owner"]);
    for (const name of ["rsa", "ec"]) ok(POLDER, ["account", "provider", "--data", data, ...provider.options(name)]);
});
after(() => provider.stop());

const signInAtProvider = (username) => provider.signIn(username);
async function goThere(url) {
    const back = await provider.follow(url);
    assert.ok(back.href.startsWith(REDIRECT), back.href);
    return { code: back.searchParams.get("code") ?? "", state: back.searchParams.get("state") ?? "", iss: back.searchParams.get("iss") ?? "" };
}
function begin(name, ...more) {
    const [url, secret] = ok(SIGN_IN, [data, "begin", name, REDIRECT, ...more]).split("\n");
    return { url, secret };
}
const finish = (a, secret) => run(SIGN_IN, [data, "finish", a.code, a.state, a.iss, secret]);

test("nobody is a member because a provider knows them", { skip: missing }, async () => {
    await signInAtProvider("wen");
    const flow = begin("rsa");
    assert.match(flow.url, /code_challenge_method=S256/);
    const r = finish(await goThere(flow.url), flow.secret);
    assert.equal(r.status, 77);
    assert.match(r.err, /no member of this node is linked/);
});

test("an invitation links whoever comes with it, for RS256 and ES256 alike", { skip: missing }, async () => {
    for (const [name, user] of [["rsa", "wen"], ["ec", "hu"]]) {
        await signInAtProvider(user);
        const { code } = JSON.parse(ok(POLDER, ["account", "invite", "--data", data, `harbour/${user}`, "--json"]));
        let flow = begin(name, code);
        assert.deepEqual([finish(await goThere(flow.url), flow.secret).out], [`harbour/${user}`]);
        flow = begin(name); // from then on without
        assert.equal(finish(await goThere(flow.url), flow.secret).out, `harbour/${user}`);
        assert.equal(run(SIGN_IN, [data, "begin", name, REDIRECT, code]).status, 77, "the invitation was used");
    }
    const accounts = JSON.parse(ok(POLDER, ["account", "list", "--data", data, "--json"])).accounts;
    assert.deepEqual(accounts.map((a) => [a.member, a.links]), [["hu", 1], ["wen", 1]]);
});

test("an answer is good once, for the browser and the flow that began", { skip: missing }, async () => {
    await signInAtProvider("wen");
    const flow = begin("rsa"), other = begin("rsa");
    const answer = await goThere(flow.url);
    assert.match(finish(answer, other.secret).err, /not begun in this browser/);
    assert.match(finish({ ...answer, state: answer.state.replace(/^./, (c) => (c === "A" ? "B" : "A")) }, flow.secret).err, /not begun/);
    assert.equal(finish(answer, flow.secret).out, "harbour/wen");
    assert.match(finish(answer, flow.secret).err, /not begun in this browser/);
    // A code of another flow: the provider holds it against that one's challenge.
    const third = begin("rsa"), fourth = begin("rsa");
    const stolen = await goThere(third.url), own = await goThere(fourth.url);
    const r = finish({ ...own, code: stolen.code }, fourth.secret);
    assert.notEqual(r.status, 0);
    assert.match(r.err, /provider/);
});

test("a locked account is nobody's by a provider either", { skip: missing }, async () => {
    ok(POLDER, ["account", "lock", "--data", data, "harbour/wen"]);
    await signInAtProvider("wen");
    const flow = begin("rsa");
    assert.equal(finish(await goThere(flow.url), flow.secret).status, 77);
    ok(POLDER, ["account", "unlock", "--data", data, "harbour/wen"]);
});
