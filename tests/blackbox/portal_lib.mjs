// What the tests of the portal share: a node with members who can sign in, and something to look at.
import { execFileSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { EX, expect, polder, temporary, write } from './lib.mjs';
import { serving } from './serve_lib.mjs';

export const PASSWORD = 'correct horse battery';
// Text that would do something if it were anything but text.
export const SCRIPT = '<script>document.title="taken"</script>';
export const BREAK = `"'><img src=x onerror=document.title='taken'>`;

export const AIR = ['station,day,pm25,no2', ...Array.from({ length: 60 }, (_, i) =>
    `${['Harbour', 'Market', 'Park'][i % 3]},2026-01-${String(1 + i % 28).padStart(2, '0')},${8 + (i * 7) % 23},${i % 9 ? 12 + (i * 5) % 40 : ''}`)].join('\n') + '\n';
export const HOSTILE = [`"${SCRIPT}","${BREAK.replaceAll('"', '""')}",amount`, ...Array.from({ length: 30 }, (_, i) =>
    `"${SCRIPT}","${BREAK.replaceAll('"', '""')}",${i}`)].join('\n') + '\n';

/** A node of two parties: harbour with its steward anna, shipper with bo; with what was published in it. */
export function portalNode(t) {
    const folder = temporary(t), data = join(folder, 'node');
    expect(EX.OK, ['init', '--data', data, '--origin', 'data.example.gov', '--law', 'cn', '--party', 'harbour', '--party', 'shipper:enterprise:company',
        '--member', 'harbour/anna:steward,owner', '--member', 'shipper/bo:steward']);
    const publish = (title, file, verb = 'open', ...more) => expect(EX.OK, ['govern', '--data', data, '--party', 'harbour', '--member', 'anna',
        '--title', title, '--for', verb, '--purpose', 'statistics', '--basis', 'public_task', '--yes', ...more, file]);
    publish('Air quality at the harbour', write(folder, 'air.csv', AIR));
    publish('港口空气质量监测', write(folder, 'air2.csv', AIR));
    publish(`Marked ${SCRIPT} ${BREAK}`, write(folder, 'hostile.csv', HOSTILE));
    publish('Kept for ourselves', write(folder, 'kept.csv', AIR), 'store');
    for (const [party, member] of [['harbour', 'anna'], ['shipper', 'bo']])
        execFileSync(resolve(dirname(polder), 'tests', 'sign_up'), [data, party, member], { input: `${PASSWORD}\n`, stdio: ['pipe', 'ignore', 'inherit'] });
    return { folder, data };
}

/** A browser that only keeps cookies. */
export class Visitor {
    constructor(server) {
        this.server = server;
        this.jar = new Map();
    }

    get cookie() {
        return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
    }

    async ask(path, options = {}) {
        const answer = await this.server.ask(path, { ...options, headers: { ...(this.cookie && { cookie: this.cookie }), ...options.headers } });
        for (const set of answer.headers.getSetCookie()) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
            if (value) this.jar.set(name, value);
            else this.jar.delete(name);
        }
        return answer;
    }

    async page(path) {
        return (await this.ask(path)).text();
    }

    async csrf(path = '/en/publish') {
        return /name="csrf" value="([^"]+)"/.exec(await this.page(path))?.[1];
    }

    signIn(name = 'harbour/anna', password = PASSWORD, to = '/en') {
        return this.ask('/en/sign-in', { method: 'POST', body: new URLSearchParams({ name, password, to }) });
    }

    async upload(fields, content = AIR, name = 'air.csv') {
        const form = new FormData();
        for (const [key, value] of Object.entries({ csrf: await this.csrf(), title: 'Air again', verb: 'open', recipient: '', purpose: 'statistics',
            basis: 'public_task', ...fields })) form.set(key, value);
        form.set('file', new Blob([content]), name);
        return this.ask('/en/publish', { method: 'POST', body: form });
    }
}

export async function portal(t) {
    const { folder, data } = portalNode(t);
    const server = await serving(t, data);
    return { folder, data, server, visitor: new Visitor(server) };
}

/** The pages that a visitor reaches by links, each address without its query once, at most `most`. */
export async function crawl(visitor, from, most = 60) {
    const seen = new Map(), queue = [from];
    while (queue.length && seen.size < most) {
        const path = queue.shift(), key = path.split(/[?#]/)[0];
        if (seen.has(key)) continue;
        const answer = await visitor.ask(path);
        const text = await answer.text();
        seen.set(key, { status: answer.status, type: answer.headers.get('content-type') ?? '', headers: answer.headers, text });
        if (answer.status === 303) queue.push(answer.headers.get('location'));
        for (const [, href] of text.matchAll(/href="(\/(?:en|zh)[^"]*)"/g)) queue.push(href.replaceAll('&amp;', '&').split('#')[0]);
    }
    return seen;
}
