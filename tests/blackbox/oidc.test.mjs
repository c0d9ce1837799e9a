// Signing in by a real provider of OpenID Connect: Debian's glewlwyd, set up over its own API, with a browser's part played here.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { readFileSync } from "node:fs";

const POLDER = process.env.POLDER ?? "build/polder";
const SIGN_IN = join(dirname(POLDER), "tests", "sign_in_oidc");
const DOCS = "/usr/share/doc/glewlwyd";
const SCHEMA = join(DOCS, "database/init.sqlite3.sql.gz"), CONFIG = join(DOCS, "glewlwyd.conf.sample.gz");
const missing = [["glewlwyd", "--version"], ["sqlite3", "--version"]].some(([c, a]) => spawnSync(c, [a]).error) ||
    !existsSync(SCHEMA) || !existsSync(CONFIG)
    ? "Debian's glewlwyd and sqlite3 aren't installed (script/bootstrap --npm)" : !existsSync(SIGN_IN)
        ? `${SIGN_IN} isn't built` : false;

const folder = mkdtempSync(join(tmpdir(), "polder-oidc-"));
const data = join(folder, "node");
const REDIRECT = "http://localhost:18080/sign-in/oidc/callback";
let provider, base, cookie = "";

const freePort = () => new Promise((resolve) => {
    const s = createServer().listen(0, "127.0.0.1", () => { const { port } = s.address(); s.close(() => resolve(port)); });
});
function run(program, args) {
    const r = spawnSync(program, args, { encoding: "utf8" });
    return { status: r.status, out: r.stdout.trim(), err: r.stderr };
}
function ok(program, args) {
    const r = run(program, args);
    assert.equal(r.status, 0, `${args.join(" ")}\n${r.out}${r.err}`);
    return r.out;
}
// A browser as far as it is needed: it keeps the provider's cookie and follows nothing by itself.
async function call(method, path, body) {
    const r = await fetch(path.startsWith("http") ? path : `${base}/api${path}`, {
        method, redirect: "manual", headers: { cookie, ...(body ? { "content-type": "application/json" } : {}) },
        body: body ? JSON.stringify(body) : undefined,
    });
    const set = r.headers.get("set-cookie");
    if (set) cookie = set.split(";")[0];
    return r;
}
async function must(method, path, body) {
    const r = await call(method, path, body);
    assert.equal(r.status, 200, `${method} ${path}: ${await r.text()}`);
}

async function addProvider(name, type) {
    const pair = type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ec", { namedCurve: "P-256" });
    await must("POST", "/mod/plugin/", {
        module: "oidc", name, display_name: name, order_rank: 0, readonly: false, parameters: {
            iss: `${base}/api/${name}`, "jwt-type": type, "jwt-key-size": "256",
            key: pair.privateKey.export({ type: "pkcs8", format: "pem" }), cert: pair.publicKey.export({ type: "spki", format: "pem" }),
            "access-token-duration": 3600, "refresh-token-duration": 3600, "code-duration": 600, "refresh-token-rolling": true,
            "allow-non-oidc": false, "auth-type-code-enabled": true, "auth-type-token-enabled": false, "auth-type-id-token-enabled": true,
            "auth-type-none-enabled": false, "auth-type-password-enabled": false, "auth-type-client-enabled": false,
            "auth-type-refresh-enabled": false, "pkce-allowed": true, "pkce-required": true, "pkce-method-plain-allowed": false,
            "subject-type": "public", "jwks-show": true, scope: [], "additional-parameters": [], claims: [],
        },
    });
}

before(async () => {
    if (missing) return;
    const port = await freePort();
    base = `http://localhost:${port}`;
    spawnSync("sqlite3", [join(folder, "glewlwyd.db")], { input: gunzipSync(readFileSync(SCHEMA)) });
    writeFileSync(join(folder, "conf"), gunzipSync(readFileSync(CONFIG)).toString()
        .replace(/^port=.*/m, `port=${port}`).replace(/^external_url=.*/m, `external_url="${base}"`)
        .replace(/"\/var\/cache\/glewlwyd\/glewlwyd\.db"/, JSON.stringify(join(folder, "glewlwyd.db")))
        .replace(/^cookie_secure=1/m, "cookie_secure=0"));
    provider = spawn("glewlwyd", [`--config-file=${join(folder, "conf")}`], { stdio: "ignore" });
    for (let i = 0; i < 200; i++) {
        try { await fetch(`${base}/config`); break; } catch { await new Promise((r) => setTimeout(r, 100)); }
    }
    await must("POST", "/auth/", { username: "admin", password: "password" });
    await addProvider("rsa", "rsa");
    await addProvider("ec", "ecdsa");
    await must("POST", "/client/", {
        client_id: "polder", name: "polder", confidential: true, enabled: true, client_secret: "hidden-words", password: "hidden-words",
        scope: [], authorization_type: ["code"], redirect_uri: [REDIRECT], token_endpoint_auth_method: ["client_secret_basic"],
    });
    for (const username of ["wen", "hu"])
        await must("POST", "/user/", { username, name: username, password: "seven herons", enabled: true, scope: ["g_profile", "openid"] });
    ok(POLDER, ["init", "--data", data, "--origin", "data.example.gov", "--law", "cn", "--party", "harbour",
                "--member", "wen:steward", "--member", "hu:owner"]);
    writeFileSync(join(folder, "secret"), "hidden-words\n");
    chmodSync(join(folder, "secret"), 0o600);
    for (const name of ["rsa", "ec"])
        ok(POLDER, ["account", "provider", "--data", data, name, "--issuer", `${base}/api/${name}`, "--client", "polder",
                    "--secret-file", join(folder, "secret"), "--private"]);
});
after(() => provider?.kill());

async function signInAtProvider(username) {
    cookie = "";
    await must("POST", "/auth/", { username, password: "seven herons" });
    await must("PUT", "/auth/grant/polder/", { scope: "openid" });
}
// From the address that Polder gives to what the provider sends the browser back with.
async function goThere(url) {
    let r = await call("GET", url);
    let back = new URL(r.headers.get("location") ?? "", url);
    if (back.pathname.endsWith("/login.html")) { // where the user, who is signed in there, says "go on"
        r = await call("GET", `${back.searchParams.get("callback_url")}&g_continue`);
        back = new URL(r.headers.get("location") ?? "", url);
    }
    assert.ok(back.href.startsWith(REDIRECT), `${r.status} ${back.href}`);
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
