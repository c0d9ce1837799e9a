// What the tests of witnesses share: a log made here (keys, trees, proofs, signed checkpoints, written from
// RFC 6962 and the C2SP texts), witnesses as processes, and cosignatures checked by WebCrypto: none of the
// code under test.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, createPrivateKey, generateKeyPairSync, sign, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { EX, atEnd, expect, hashLeaf, hashNode, polder, treeRoot } from './lib.mjs';

const sha256 = (...parts) => {
    const h = createHash('sha256');
    for (const p of parts) h.update(p);
    return h.digest();
};

// ---- A log

// PROOF(m, D[n]) of RFC 6962, 2.1.2, by its recursive definition.
export function consistency(m, hashes) {
    const sub = (from, to, old, isWhole) => {
        if (old === to - from) return isWhole ? [] : [treeRoot(hashes.slice(from, to))];
        let k = 1;
        while (2 * k < to - from) k *= 2;
        return old <= k
            ? [...sub(from, from + k, old, isWhole), treeRoot(hashes.slice(from + k, to))]
            : [...sub(from + k, to, old - k, false), treeRoot(hashes.slice(from, from + k))];
    };
    return m === 0 ? [] : sub(0, hashes.length, m, true);
}

export class Log {
    constructor(origin, { key, entry = (i) => `entry ${i}` } = {}) {
        this.origin = origin;
        this.key = key ?? generateKeyPairSync('ed25519').privateKey;
        const jwk = this.key.export({ format: 'jwk' });
        this.public = Buffer.concat([Buffer.from([1]), Buffer.from(jwk.x, 'base64url')]);
        this.id = sha256(origin, '\n', this.public).subarray(0, 4);
        this.entry = entry;
    }
    get vkey() { return `${this.origin}+${this.id.toString('hex')}+${this.public.toString('base64')}`; }
    hashes(n) { return Array.from({ length: n }, (_, i) => hashLeaf(this.entry(i))); }
    text(n) { return `${this.origin}\n${n}\n${treeRoot(this.hashes(n)).toString('base64')}\n`; }
    note(n, text = this.text(n)) {
        const field = Buffer.concat([this.id, sign(null, Buffer.from(text), this.key)]);
        return `${text}\n\u2014 ${this.origin} ${field.toString('base64')}\n`;
    }
    request(old, n) {
        const proof = consistency(old, this.hashes(n)).map((h) => h.toString('base64') + '\n').join('');
        return `old ${old}\n${proof}\n${this.note(n)}`;
    }
    get hex() { return sha256(this.origin).toString('hex'); }
}
// The key of a log as polder writes it: PRIVATE+KEY+name+id+base64(0x01 || seed).
export function privateKey(text) {
    const seed = Buffer.from(text.trim().split('+').slice(4).join('+'), 'base64').subarray(1);
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

// ---- Cosignatures, by WebCrypto

// C2SP tlog-cosignature, type 0x04: the time of the witness's line under `text`; throws if there is none that holds.
export async function cosignatureTime(lines, text, vkeyText) {
    const [, name, id, base64] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkeyText.trim());
    const bytes = Buffer.from(base64, 'base64');
    assert.equal(bytes.length, 33);
    assert.equal(bytes[0], 4, 'cosignature/v1');
    assert.equal(sha256(name, '\n', bytes).subarray(0, 4).toString('hex'), id);
    const key = await webcrypto.subtle.importKey('raw', bytes.subarray(1), { name: 'Ed25519' }, false, ['verify']);
    for (const line of lines.split('\n').filter(Boolean)) {
        const [, by, field] = /^\u2014 (\S+) (\S+)$/.exec(line);
        const signature = Buffer.from(field, 'base64');
        if (by !== name || signature.subarray(0, 4).toString('hex') !== id) continue;
        assert.equal(signature.length, 76);
        const time = signature.readBigUInt64BE(4);
        const message = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
        assert.ok(await webcrypto.subtle.verify({ name: 'Ed25519' }, key, signature.subarray(12), message),
            'the cosignature holds');
        return Number(time);
    }
    assert.fail(`no cosignature by ${name}`);
}

// ---- Witnesses as processes

export function initWitness(folder, name) {
    return expect(EX.OK, ['witness', 'init', '--data', folder, '--name', name]).out.trim().split('\n').at(-1);
}

// Serves until the test ends, or until kill() or stop(). `env` is added to the environment.
export async function serveWitness(t, folder, env = {}, port = 0) {
    const child = spawn(polder, ['witness', 'serve', '--quiet', '--data', folder, '--listen', `127.0.0.1:${port}`],
        { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    const served = { child, said: '', err: '' };
    child.stderr.on('data', (d) => { served.err += d; });
    const ended = once(child, 'exit');
    served.url = await new Promise((resolve, reject) => {
        child.stdout.on('data', (d) => {
            served.said += d;
            const found = /listens at (\S+)/.exec(served.said);
            if (found) resolve(`http://${found[1]}`);
        });
        child.on('exit', () => reject(new Error(`the witness ended: ${served.err}`)));
    });
    served.end = async (signal) => {
        if (child.exitCode === null && child.signalCode === null) child.kill(signal);
        await ended;
        return child.exitCode;
    };
    served.kill = () => served.end('SIGKILL');
    served.stop = () => served.end('SIGTERM');
    atEnd(t, served.kill);
    return served;
}

export async function post(url, body) {
    const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
}

export async function get(url, path) {
    const answer = await fetch(`${url}${path}`);
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
}

export const http = (status, body, ...headers) => [`HTTP/1.1 ${status} X`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close', '', body].join('\r\n');

// URLs of servers that give what they are told, by method ({POST: '...', GET: '...'}), or are silent (null).
export async function badServers(t, answers) {
    const encode = (a) => a && Object.fromEntries(Object.entries(a).map(([k, v]) => [k, Buffer.from(v).toString('base64')]));
    const child = spawn(process.execPath, ['tests/blackbox/bad_witness.mjs', ...answers.map((a) => JSON.stringify(encode(a)))],
        { stdio: ['ignore', 'pipe', 'inherit'] });
    atEnd(t, () => child.kill('SIGKILL'));
    const [line] = await once(child.stdout, 'data');
    return JSON.parse(line).map((port) => `http://127.0.0.1:${port}`);
}
