// Puts generated cases to this implementation of Cedar and to the reference, and compares.
//
//     node cedar_differential.mjs ANSWER [--cases N] [--seed S] [--only NTH]
//
// ANSWER is the program tests/vectors/cedar_answer.c. Compared are: decision, determining policies
// and erring policies (8 cases of 10; the reference is 4.13.0, which in one of them is given the
// policies as the JSON that ANSWER makes of them, and in one entities and request under a schema);
// whether a damaged text is accepted (1 of 10); whether a policy is valid under a schema (1 of 10; the reference is 4.10.0, for later
// ones only warn where no action applies). ANSWER asks the same of each policy formatted and from
// JSON. Without --seed every run makes other cases; the seed is printed, and a case that fails is
// made again with --seed S --only NTH. The last line is "N passed, N failed[, N skipped]".
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { makeCase } from './cedar_cases.mjs';

const SHOWN_MAX = 10, BATCH = 500;

const { values, positionals } = parseArgs({ allowPositionals: true,
    options: { cases: { type: 'string', default: '20000' }, seed: { type: 'string' }, only: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const numbers = values.only ? [Number(values.only)] : Array.from({ length: Number(values.cases) }, (_, i) => i);

function load(name) {
    try {
        return createRequire(import.meta.url)(`${name}/nodejs`);
    } catch (error) {
        if (error.code !== 'MODULE_NOT_FOUND') throw error;
        console.log(`skipped: ${name} is not installed (script/bootstrap --npm installs it)`);
        console.log(`0 passed, 0 failed, ${numbers.length} skipped`);
        process.exit(0);
    }
}
const reference = load('cedar-wasm-4.13'), validator = load('@cedar-policy/cedar-wasm');

function policySet({ list, links }) {
    const set = { staticPolicies: {}, templates: {}, templateLinks: [] };
    for (const { id, text, isTemplate } of list) (isTemplate ? set.templates : set.staticPolicies)[id] = text;
    for (const { template, id, principal, resource } of links)
        set.templateLinks.push({ templateId: template, newId: id,
            values: { ...(principal && { '?principal': principal }), ...(resource && { '?resource': resource }) } });
    return set;
}

// What the reference says, in the form in which ANSWER says it.
function expected(made, json) {
    const { schema } = made;
    if (made.kind === 'valid') {
        const got = validator.validate({ schema, policies: policySet(made) });
        if (got.type !== 'success') return { refused: got.errors[0].message };
        return { valid: got.validationErrors.length === 0, problem: got.validationErrors[0]?.error.message };
    }
    const got = reference.isAuthorized({ ...made.request, policies: json ?? policySet(made), entities: made.entities,
        ...(schema && { schema, validateRequest: true }) });
    if (got.type !== 'success') return { refused: got.errors[0].message };
    const { decision, diagnostics } = got.response;
    return { decision, reason: [...diagnostics.reason].sort(), errors: diagnostics.errors.map((e) => e.policyId).sort() };
}

function line(made) {
    const policies = made.list.map((p) => p.text).join('\n');
    const { kind, links, entities, request, schema } = made;
    return JSON.stringify(kind === 'valid' ? { policies, schema }
        : { policies, links, entities, request, schema, ...(kind === 'json' && { json: true }) });
}

// Equal but for the words of messages.
function isEqual(ours, theirs) {
    if (ours.otherwise) return false;
    if ('refused' in ours || 'refused' in theirs) return 'refused' in ours && 'refused' in theirs;
    if ('valid' in theirs) return ours.valid === theirs.valid;
    return JSON.stringify(ours) === JSON.stringify(theirs);
}

const answer = spawn(positionals[0], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: answer.stdout })[Symbol.asyncIterator]();
const ended = new Promise((done) => answer.on('close', done));
const counts = {};
let passed = 0, failed = 0;

function judge(nth, made, { json, ...ours }) {
    const theirs = expected(made, json);
    const what = theirs.decision && made.kind === 'data' ? 'data of the schema' : theirs.decision ? `${theirs.decision}${theirs.errors.length ? ' with errors' : ''}`
        : 'valid' in theirs ? (theirs.valid ? 'valid' : 'not valid') : `${made.kind}: refused`;
    counts[what] = (counts[what] ?? 0) + 1;
    if (isEqual(ours, theirs)) {
        passed++;
        return;
    }
    if (failed++ < SHOWN_MAX)
        console.log(`--seed ${seed} --only ${nth}: ours ${JSON.stringify(ours)}\n    the reference's ${JSON.stringify(theirs)}\n    ${line(made)}`);
}

console.log(`seed ${seed}`);
for (let at = 0; at < numbers.length; at += BATCH) {
    const batch = numbers.slice(at, at + BATCH).map((nth) => [nth, makeCase(seed, nth)]);
    answer.stdin.write(batch.map(([, made]) => `${line(made)}\n`).join(''));
    for (const [nth, made] of batch) {
        const { value, done } = await answers.next();
        if (done) {
            console.log(`--seed ${seed} --only ${nth}: no answer\n    ${line(made)}`);
            failed += numbers.length - passed - failed;
            break;
        }
        judge(nth, made, JSON.parse(value));
    }
}
answer.stdin.end();
const code = await ended;
if (code !== 0) {
    console.log(`${positionals[0]} ended with ${code}`);
    failed = failed || 1;
}
console.log(Object.entries(counts).sort().map(([what, n]) => `${n} ${what}`).join(', '));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
