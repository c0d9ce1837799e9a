// The peer of law.c: the reference implementation of Cedar, compiled to WebAssembly, with parsed policies kept.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cedar = createRequire(join(root, 'tests', 'package.json'))('@cedar-policy/cedar-wasm/nodejs');
const [policies, context, entities] = process.argv.slice(2).map((path) => readFileSync(path, 'utf8'));
const parsed = cedar.preparsePolicySet('cn', { staticPolicies: policies });
if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed));
const call = {
    principal: { type: 'Polder::Party', id: 'transport' },
    action: { type: 'Polder::Action', id: 'open' },
    resource: { type: 'Polder::Distribution', id: 'd1' },
    context: JSON.parse(context), entities: JSON.parse(entities), preparsedPolicySetId: 'cn', validateRequest: false,
};
let answer, rounds = 0, passed;
for (let warm = 0; warm < 100; warm++) answer = cedar.statefulIsAuthorized(call);
const start = performance.now();
for (; (passed = performance.now() - start) < 2000; rounds++) answer = cedar.statefulIsAuthorized(call);
if (answer.type !== 'success') throw new Error(JSON.stringify(answer));
const { decision, diagnostics } = answer.response;
console.log(`cedar-wasm ${cedar.getCedarSDKVersion()}, statefulIsAuthorized: ${Math.round(rounds / (passed / 1000))}/s ` +
    `(${decision}, ${diagnostics.reason.length} reasons)`);
