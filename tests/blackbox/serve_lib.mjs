// What the tests of `polder serve` share: the server as a process, and requests to it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { EX, atEnd, expect, polder } from './lib.mjs';

export class Serving {
    constructor(data) {
        this.data = data;
    }

    async start(...more) {
        this.err = '';
        this.process = spawn(polder, ['serve', '--data', this.data, '--listen', `127.0.0.1:${this.port ?? 0}`, ...more],
            { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, XDG_STATE_HOME: `${this.data}.state` } });
        this.ended = once(this.process, 'exit');
        this.process.stderr.on('data', (bytes) => { this.err += bytes; });
        let said = '';
        for await (const bytes of this.process.stdout) {
            said += bytes;
            if (said.includes('\n')) break;
        }
        const found = /listens at (https?:\/\/[^\s/]+:(\d+))\//.exec(said);
        assert.ok(found, `it says where it listens: ${said}${this.err}`);
        [, this.url] = found;
        this.port = Number(found[2]);
        return this;
    }

    // As somebody who asks would: { method, headers, body } as of fetch.
    ask(path, options = {}) {
        return fetch(this.url + path, { redirect: 'manual', ...options });
    }

    // For tests' ends: at once, and however far it came.
    async end() {
        if (this.process?.exitCode === null && this.process.signalCode === null) await this.stop('SIGKILL');
    }

    async stop(signal = 'SIGTERM') {
        this.process.kill(signal);
        const [code, how] = await this.ended;
        return { code, signal: how, err: this.err };
    }
}

// A server over a node, ended with the test.
export async function serving(t, data, ...more) {
    const s = new Serving(data);
    atEnd(t, () => s.end());
    return s.start(...more);
}

// ---- Acting through the API

export const SCOPES = 'upload make_intent sign_plan raise_case manage_tokens read_catalogue read_data';

export function token(data, member, scopes = SCOPES) {
    expect(EX.OK, ['account', 'invite', member, '--data', data]);
    const args = ['token', 'create', member, '--data', data, '--title', 'test'];
    const { out } = expect(EX.OK, [...args, ...scopes.split(' ').flatMap((one) => ['--scope', one])]);
    return /polder_[A-Za-z0-9_-]{43}/.exec(out)[0];
}

export const by = (secret, body, more = {}) => ({
    method: 'POST', body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}`, ...more } });
export const demand = (subject) => ({ kind: 'demand', responsible: 'transport', subject, facts: { request_complete: 'true' } });
export const send = (secret, bytes, more = {}) => ({ method: 'POST', body: bytes, headers: { Authorization: `Bearer ${secret}`, ...more } });
