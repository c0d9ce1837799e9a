// A real provider of OpenID Connect for the tests: Debian's glewlwyd, set up over its own API.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const SETTINGS = '/etc/glewlwyd/config-2.7.json/config.json';
const DOCS = '/usr/share/doc/glewlwyd', PAGES = '/usr/share/glewlwyd/webapp';
const SCHEMA = join(DOCS, 'database/init.sqlite3.sql.gz'), CONFIG = join(DOCS, 'glewlwyd.conf.sample.gz');
export const missing = [['glewlwyd', '--version'], ['sqlite3', '--version']].some(([c, a]) => spawnSync(c, [a]).error) ||
    !existsSync(SCHEMA) || !existsSync(CONFIG) ? "Debian's glewlwyd and sqlite3 aren't installed (script/bootstrap --npm)" : false;

export const SECRET = 'hidden-words', USER_PASSWORD = 'seven herons';

export const freePort = () => new Promise((done) => {
    const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); });
});

export class Provider {
    /** In `folder`, at http://localhost:PORT, with a client `polder` that may be sent back to `redirect` with a code. */
    async start(folder, redirect) {
        const port = await freePort();
        this.folder = folder;
        this.base = `http://localhost:${port}`;
        this.cookie = '';
        spawnSync('sqlite3', [join(folder, 'glewlwyd.db')], { input: gunzipSync(readFileSync(SCHEMA)) });
        writeFileSync(join(folder, 'conf'), gunzipSync(readFileSync(CONFIG)).toString()
            .replace(/^port=.*/m, `port=${port}`).replace(/^external_url=.*/m, `external_url="${this.base}"`)
            .replace(/"\/var\/cache\/glewlwyd\/glewlwyd\.db"/, JSON.stringify(join(folder, 'glewlwyd.db')))
            .replace(/^static_files_path=.*/m, `static_files_path=${JSON.stringify(join(folder, 'pages/'))}`)
            .replace(/^cookie_secure=1/m, 'cookie_secure=0'));
        cpSync(PAGES, join(folder, 'pages'), { recursive: true, dereference: true }); // it serves no links to elsewhere
        rmSync(join(folder, 'pages', 'config.json'), { recursive: true }); // in Debian's package a folder
        cpSync(SETTINGS, join(folder, 'pages', 'config.json'));
        this.process = spawn('glewlwyd', [`--config-file=${join(folder, 'conf')}`], { stdio: 'ignore' });
        for (let i = 0; i < 200; i++) {
            try { await fetch(`${this.base}/config`); break; } catch { await new Promise((r) => setTimeout(r, 100)); }
        }
        await this.must('POST', '/auth/', { username: 'admin', password: 'password' });
        await this.must('POST', '/client/', {
            client_id: 'polder', name: 'polder', confidential: true, enabled: true, client_secret: SECRET, password: SECRET,
            scope: [], authorization_type: ['code'], redirect_uri: [redirect], token_endpoint_auth_method: ['client_secret_basic'],
        });
        writeFileSync(join(folder, 'secret'), `${SECRET}\n`);
        chmodSync(join(folder, 'secret'), 0o600);
        return this;
    }

    stop() {
        this.process?.kill();
    }

    // A browser as far as it is needed: it keeps the provider's cookie and follows nothing by itself.
    async call(method, path, body) {
        const r = await fetch(path.startsWith('http') ? path : `${this.base}/api${path}`, {
            method, redirect: 'manual', headers: { cookie: this.cookie, ...(body ? { 'content-type': 'application/json' } : {}) },
            body: body ? JSON.stringify(body) : undefined,
        });
        const set = r.headers.get('set-cookie');
        if (set) this.cookie = set.split(';')[0];
        return r;
    }

    async must(method, path, body) {
        const r = await this.call(method, path, body);
        assert.equal(r.status, 200, `${method} ${path}: ${await r.text()}`);
    }

    /** An issuer at /api/NAME whose tokens are signed with RSA ("rsa") or on P-256 ("ecdsa"). */
    addIssuer(name, type) {
        const pair = type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
        return this.must('POST', '/mod/plugin/', {
            module: 'oidc', name, display_name: name, order_rank: 0, readonly: false, parameters: {
                iss: `${this.base}/api/${name}`, 'jwt-type': type, 'jwt-key-size': '256',
                key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), cert: pair.publicKey.export({ type: 'spki', format: 'pem' }),
                'access-token-duration': 3600, 'refresh-token-duration': 3600, 'code-duration': 600, 'refresh-token-rolling': true,
                'allow-non-oidc': false, 'auth-type-code-enabled': true, 'auth-type-token-enabled': false, 'auth-type-id-token-enabled': true,
                'auth-type-none-enabled': false, 'auth-type-password-enabled': false, 'auth-type-client-enabled': false,
                'auth-type-refresh-enabled': false, 'pkce-allowed': true, 'pkce-required': true, 'pkce-method-plain-allowed': false,
                'subject-type': 'public', 'jwks-show': true, scope: [], 'additional-parameters': [], claims: [],
            },
        });
    }

    addUser(username) {
        return this.must('POST', '/user/', { username, name: username, password: USER_PASSWORD, enabled: true, scope: ['g_profile', 'openid'] });
    }

    /** What `polder account provider` is told of an issuer. */
    options(name) {
        return [name, '--issuer', `${this.base}/api/${name}`, '--client', 'polder', '--secret-file', join(this.folder, 'secret'), '--private'];
    }

    /** The user signs in here, and lets the client know of it. */
    async signIn(username) {
        this.cookie = '';
        await this.must('POST', '/auth/', { username, password: USER_PASSWORD });
        await this.must('PUT', '/auth/grant/polder/', { scope: 'openid' });
    }

    /** From the address that Polder gives to the one that the provider sends the browser back to. */
    async follow(url) {
        let r = await this.call('GET', url);
        let back = new URL(r.headers.get('location') ?? '', url);
        if (back.pathname.endsWith('/login.html')) { // where the user, who is signed in there, says "go on"
            r = await this.call('GET', `${back.searchParams.get('callback_url')}&g_continue`);
            back = new URL(r.headers.get('location') ?? '', url);
        }
        return back;
    }
}
