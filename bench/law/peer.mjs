// The peer of ../law.c in JavaScript: Cedar's reference implementation, compiled to WebAssembly.
//
//     node peer.mjs PACKAGE CASES     PACKAGE as tests/package.json names it
//
// Policies are parsed beforehand. The package has no way to keep entities or a request: it takes them as objects of JavaScript.
import { createRequire } from 'node:module';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SECONDS = 2, TIMED = 20000;
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const [name, cases] = process.argv.slice(2);
const cedar = createRequire(join(root, 'tests', 'package.json'))(`${name}/nodejs`);

// What the processor spent on this thread.
const cpuSeconds = () => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e9;

function line(answer) {
    if (answer.type !== 'success' || answer.response.diagnostics.errors.length) throw new Error(JSON.stringify(answer));
    const reasons = answer.response.diagnostics.reason.map((id) => Number(id.slice('policy'.length))).sort((a, b) => a - b);
    return [answer.response.decision, ...reasons].join(' ') + '\n';
}

function run(folder) {
    const read = (file) => readFileSync(join(cases, folder, file), 'utf8');
    const parsed = cedar.preparsePolicySet(folder, { staticPolicies: read('policies.cedar') });
    if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed));
    const entities = JSON.parse(read('entities.json'));
    const calls = JSON.parse(read('requests.json')).map((request) =>
        ({ ...request, entities, preparsedPolicySetId: folder, validateRequest: false }));
    writeFileSync(join(cases, folder, `answers.wasm-${cedar.getCedarSDKVersion()}`),
        calls.map((call) => line(cedar.statefulIsAuthorized(call))).join(''));

    let rounds = 0, passed = 0;
    for (const start = cpuSeconds(); passed < SECONDS; passed = cpuSeconds() - start)
        for (const wave = performance.now(); performance.now() - wave < 50; rounds++) cedar.statefulIsAuthorized(calls[rounds % calls.length]);
    const perSecond = rounds / passed;
    const times = [];
    for (let i = 0; i < Math.min(TIMED, Math.max(calls.length, perSecond * SECONDS)); i++) {
        const before = process.hrtime.bigint();
        cedar.statefulIsAuthorized(calls[i % calls.length]);
        times.push(Number(process.hrtime.bigint() - before));
    }
    times.sort((a, b) => a - b);
    console.log([folder, `cedar-wasm ${cedar.getCedarSDKVersion()}`, Math.round(perSecond),
        times[times.length >> 1], times[Math.floor(times.length * 0.99)]].join('\t'));
}

for (const entry of readdirSync(cases, { withFileTypes: true })) if (entry.isDirectory()) run(entry.name);
