// docs/reference/leaf.schema.json accepts exactly the leaves that the program does, and what a real node puts into its
// logs is of that schema and says nothing that it shouldn't.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { EX, expect, leavesOf, node, oldNode, personsTable, plainTable, polder, request, sql, write } from './lib.mjs';

const schema = JSON.parse(readFileSync('docs/reference/leaf.schema.json', 'utf8'));
const require = createRequire(resolve('tests', 'package.json'));
let Ajv = null;
try {
    Ajv = require('ajv/dist/2020');
} catch {
    // npm did not answer when the peers were installed
}
const skip = Ajv ? false : 'ajv is not installed (script/bootstrap --npm)';
const compile = () => new Ajv.default({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(schema);

const tool = join(dirname(polder), 'tests', 'leaf_samples');
function ask(args, input = '') {
    const done = spawnSync(tool, args, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
    assert.equal(done.status, 0, done.stderr);
    return done.stdout.trimEnd().split('\n');
}
const [first, ...samples] = ask([]);
const words = JSON.parse(first);

// RFC 8785, as far as leaves go: no number but v, no character that needs another escape than JSON.stringify gives.
const canonical = (v) => JSON.stringify(v, (_, o) => (o && typeof o === 'object' && !Array.isArray(o)
    ? Object.fromEntries(Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1))) : o));

test('the schema has the words that the program has, with the versions that have them first', () => {
    const names = (list) => Object.keys(words[list]), { properties: p } = schema;
    assert.deepEqual(p.verb.enum, names('verbs'));
    assert.deepEqual(p.outcome.enum, names('outcomes'));
    assert.deepEqual(p.object.properties.kind.enum, names('kinds'));
    assert.deepEqual(p.hashes.propertyNames.enum, names('hashes'));
    assert.deepEqual(p.commitments.propertyNames.enum, names('commitments'));
    const [version, visible] = schema.allOf;
    const since = (n, list) => names(list).filter((w) => words[list][w].since === n);
    // Each version is an `if` within the `else` of the later one: by verb, by kind, then by each hash that it has first.
    let step = version;
    for (const n of [4, 3, 2]) {
        const [byVerb, byKind, ...byHash] = step.if.anyOf;
        assert.deepEqual(byVerb.properties.verb.enum, since(n, 'verbs'));
        assert.deepEqual(byKind.properties.object.properties.kind.enum, since(n, 'kinds'));
        assert.deepEqual(byHash.map((m) => m.properties.hashes.required[0]), since(n, 'hashes'));
        assert.equal(step.then.properties.v.const, n);
        step = step.else;
    }
    assert.deepEqual([2, 3, 4].flatMap((n) => since(n, 'commitments')), [], 'the schema would have to say so');
    assert.deepEqual(visible.if.properties.verb.enum, names('verbs').filter((v) => words.verbs[v].undisclosed === 'public'));
});

test('of what nobody told the public of, no verb leaves a leaf in the public log that names it', () => {
    const sealed = ['dataset', 'version', 'distribution', 'intent', 'fact', 'case'];
    for (const leaf of samples.map((s) => JSON.parse(s)))
        if (leaf.object && sealed.includes(leaf.object.kind))
            assert.equal(words.verbs[leaf.verb].undisclosed, 'restricted', `${leaf.verb} of a ${leaf.object.kind}`);
});

// Each leaf, and what becomes of it when one thing is changed.
function* changed(leaf) {
    yield leaf;
    for (const name of Object.keys(leaf)) {
        const { [name]: gone, ...rest } = leaf;
        yield rest;
        for (const other of [7, true, null, '', 'x', [], {}, ['x'], { x: 1 }]) yield { ...leaf, [name]: other };
    }
    for (const verb of Object.keys(words.verbs)) yield { ...leaf, verb };
    for (const v of [0, 1, 2, 3, 4, 5]) yield { ...leaf, v };
    for (const kind of [...Object.keys(words.kinds), 'person']) yield { ...leaf, object: { id: leaf.act, kind } };
    for (const name of ['note', 'title', 'member', 'name']) yield { ...leaf, [name]: 'free text' };
    for (const list of ['hashes', 'commitments'])
        for (const name of [...Object.keys(words.hashes), ...Object.keys(words.commitments), 'name', 'email'])
            yield { ...leaf, [list]: { [name]: 'ab'.repeat(32) } };
    yield { ...leaf, time: '2026-11-23T19:01:07Z' };
    yield { ...leaf, party: 'a\u0007' };
    yield { ...leaf, articles: ['Cn.pipl'] };
    yield { ...leaf, articles: Array(65).fill('a') };
    yield { ...leaf, act: leaf.act.toUpperCase() };
    yield { ...leaf, log: { origin: 'a', size: '07', root: 'ab'.repeat(32) } };
    yield { ...leaf, log: { origin: 'a', size: '7', root: 'ab'.repeat(32) } };
    yield { ...leaf, log: { origin: 'a', size: '7', root: 'ab'.repeat(32), note: 'x' } };
    yield { ...leaf, key: { id: 'abcdef01' } };
}

test('the schema accepts exactly what the program accepts', { skip }, (t) => {
    const valid = compile();
    // A tenth of the samples in all their changes, and all of them as they are.
    const leaves = samples.flatMap((s, i) => (i % 10 ? [JSON.parse(s)] : [...changed(JSON.parse(s))]));
    const lines = [...new Set(leaves.map(canonical))];
    const answers = ask(['--check'], lines.map((l) => `${l}\n`).join(''));
    assert.equal(answers.length, lines.length);
    let accepted = 0;
    lines.forEach((line, i) => {
        const isValid = valid(JSON.parse(line));
        assert.equal(isValid, answers[i] === 'yes', `${line}\nthe program: ${answers[i]}\nthe schema: ${JSON.stringify(valid.errors?.slice(0, 3))}`);
        accepted += isValid;
    });
    t.diagnostic(`${lines.length} leaves, ${accepted} of them accepted`);
    assert.ok(accepted > 1000 && accepted < lines.length / 2);
});

const SECRETS = ['Reisetagebuch', 'lin-the-steward', 'AKTENZEICHEN-4711', 'the-file-of-zhang', '440303'];

// A node in which each of the texts was given somewhere.
function lived(t) {
    const { folder, data } = node(t);
    const file = write(folder, 'the-file-of-zhang.csv', plainTable()), persons = write(folder, 'p.csv', personsTable());
    const named = (args) => args.map((a) => (a === 'A table' ? 'Reisetagebuch' : a));
    expect(EX.OK, named(request(file, data, 'open', '--yes')));
    expect(EX.OK, named(request(file, data, 'store', '--yes')));
    expect(EX.NOPERM, named(request(file, data, 'open', '--fact', 'is_secret=true')));
    const open = expect([EX.OK, EX.TEMPFAIL, EX.NOPERM], named(request(persons, data, 'open', '--json')));
    const { outcome } = JSON.parse(open.out);
    if (outcome.result === 'open')
        expect([EX.OK, EX.TEMPFAIL], ['fact', 'attest', outcome.intent, 'separate_consent', 'true', '--data', data, '--party', 'transport',
            '--key', join(data, 'keys/transport.key'), '--evidence', 'AKTENZEICHEN-4711']);
    const raised = JSON.parse(expect(EX.OK, ['case', 'raise', 'access', '--data', data, '--party', 'acme', '--member', 'steward',
        '--to', 'transport', '--subject', 'Reisetagebuch of lin-the-steward', '--json']).out).case;
    expect(EX.OK, ['case', 'refuse', raised, '--data', data, '--party', 'transport', '--member', 'wang', '--key', join(data, 'keys/transport.key'),
        '--text', 'AKTENZEICHEN-4711', '--ground', 'Reisetagebuch', '--appeal', 'to lin-the-steward']);
    expect(EX.OK, ['ledger', 'anchor', '--data', data]);
    return data;
}

// Of all logs: [{log, leaf}].
const allLeaves = (data) => sql(data, 'SELECT DISTINCT log FROM leaf ORDER BY log').split('\n')
    .flatMap((log) => leavesOf(data, log).map((bytes) => ({ log, leaf: JSON.parse(bytes) })));

test('every leaf of a real node is of the schema', { skip }, (t) => {
    const valid = compile();
    const all = [...allLeaves(lived(t)), ...allLeaves(oldNode(t).data)];
    assert.ok(all.length > 12);
    for (const { leaf } of all) assert.ok(valid(leaf), JSON.stringify([leaf, valid.errors]));
});

test('verb and visibility decide which log a real leaf is in', (t) => {
    const data = lived(t);
    const disclosed = new Set(sql(data, "SELECT id FROM distribution WHERE disclosed_to = 'public'").split('\n'));
    for (const { log, leaf } of allLeaves(data)) {
        const isKnown = !leaf.object || disclosed.has(leaf.object.id);
        const { undisclosed, disclosed: known } = words.verbs[leaf.verb];
        assert.equal(log.split('/')[0], isKnown ? known : undisclosed, `${leaf.verb} in ${log}`);
        if (log === 'public' && leaf.object) assert.ok(isKnown, `${leaf.object.kind} ${leaf.object.id} is public`);
    }
});

test('nothing that was said in words is in a log, and no id of a person', (t) => {
    const data = lived(t);
    const members = sql(data, 'SELECT id FROM member').split('\n'), names = sql(data, 'SELECT name FROM member').split('\n');
    const files = (folder) => readdirSync(folder).flatMap((name) => {
        const path = join(folder, name);
        return statSync(path).isDirectory() ? files(path) : [path];
    });
    const all = files(join(data, 'ledger'));
    assert.ok(all.length > 8);
    for (const path of all) {
        const text = readFileSync(path, 'latin1');
        for (const word of [...SECRETS, ...members, ...names.map((n) => `"${n}"`)])
            assert.ok(!text.includes(word), `${path} holds "${word}"`);
    }
});
