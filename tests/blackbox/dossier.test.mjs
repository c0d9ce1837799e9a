// Dossiers: what they hold for whom, and that a verifier that shares no code with Polder (tests/verifier/dossier.mjs) proves them and
// finds every change to them.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { Refused, canonical, verifyDossier } from '../verifier/dossier.mjs';
import { EX, actCount, expect, isFast, node, personsTable, plainTable, polder, request, sql, temporary, whole, write } from './lib.mjs';
import { by, serving, token } from './serve_lib.mjs';

const json = (code, args) => JSON.parse(expect(code, [...args, '--json']).out);
const open = (n, name, content, ...more) => json(EX.OK, request(write(n.folder, name, content), n.data, 'open', '--yes', ...more)).outcome;
// For audit somebody takes it, who is named.
const forAudit = (party = 'transport', member = 'lin') => ['--for', 'audit', '--party', party, '--member', member];
const dossier = (data, id, ...more) => expect(EX.OK, ['dossier', id, '--data', data, ...more]).out;
const keyOf = (data) => readFileSync(join(data, 'ledger/public/vkey'), 'utf8').trim();
const proves = (text, data) => verifyDossier(text, { key: keyOf(data) });

test('a public dossier proves the act, the finding made again, and opens nothing of a person', async (t) => {
    const n = node(t), { act } = open(n, 'p.csv', personsTable(), '--fact', 'is_criminal=false');
    const text = dossier(n.data, act), told = await proves(text, n.data);
    assert.deepEqual([told.act, told.verb, told.outcome, told.for, told.isKeyGiven], [act, 'open', 'permit', 'public', true]);
    const { dossier: d } = JSON.parse(text);
    assert.deepEqual(d.closed, ['member']);
    assert.deepEqual([d.opened.title.value, d.opened.purpose.value], ['A table', 'statistics']);
    assert.ok(d.opened.plan.value.steps.length > 0 && d.opened.facts.value.risk_after.k >= 5);
    assert.ok(!text.includes(sql(n.data, "SELECT id FROM member WHERE name = 'lin'")), 'no id of a person');
    for (const word of ['lin', 'signature of the plan', 'p.csv']) assert.ok(!text.includes(`"${word}"`), word);
    assert.equal(text, dossier(n.data, act).replace(/.*/s, text), 'one line, canonical');
});

test('an audit dossier opens the member and the evidence as well, and its file is the owner\'s alone', async (t) => {
    const n = node(t), { act } = open(n, 'p.csv', personsTable()), path = join(n.folder, 'd.json');
    expect(EX.OK, ['dossier', act, '--data', n.data, ...forAudit(), '-o', path]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const text = readFileSync(path, 'utf8'), { dossier: d } = JSON.parse(text);
    assert.equal((await proves(text, n.data)).for, 'audit');
    assert.deepEqual(d.closed, []);
    assert.equal(d.opened.member.value, sql(n.data, "SELECT id FROM member WHERE name = 'lin'"));
    assert.deepEqual(d.evidence.map((e) => [e.fact, e.value]), [['is_personal', 'signature of the plan']]);
});

test('an attestation stands in an audit dossier with the signature of its party', async (t) => {
    const n = node(t), file = write(n.folder, 'p.csv', personsTable());
    const left = json(EX.TEMPFAIL, request(file, n.data, 'share', '--recipient', 'health', '--fact', 'subject_under_14=false', '--fact', 'purpose_in_statutory_duties=true')).outcome;
    expect(EX.OK, ['fact', 'attest', left.intent, 'is_secret', 'true', '--data', n.data, '--party', 'transport',
        '--key', join(n.data, 'keys/transport.key'), '--evidence', 'minutes of 3 May']);
    const again = json(EX.NOPERM, ['act', 'resume', left.intent, file, '--data', n.data, '--yes', '--member', 'lin']).outcome;
    const text = dossier(n.data, again.act, ...forAudit()), { dossier: d } = JSON.parse(text);
    assert.deepEqual(d.attestations.map((a) => [a.fact, a.party, a.value, a.evidence]), [['is_secret', 'transport', 'true', 'minutes of 3 May']]);
    await proves(text, n.data);
});

test('after keys were replaced, a dossier is proven by the new key of the public log, and the old receipt still holds', async (t) => {
    const n = node(t), { act } = open(n, 'a.csv', plainTable()), before = keyOf(n.data);
    for (const key of ['log/public', 'receipts'])
        expect(EX.OK, ['key', 'rotate', key, '--data', n.data, '--party', 'transport', '--member', 'lin', '--key', join(n.data, 'keys/transport.key')]);
    const text = dossier(n.data, act), { dossier: d } = JSON.parse(text);
    assert.equal(d.keys_by.length, 2);
    assert.notEqual(keyOf(n.data), before);
    assert.equal((await proves(text, n.data)).act, act);
    assert.equal((await proves(dossier(n.data, open(n, 'b.csv', plainTable(70)).act), n.data)).outcome, 'permit');
});

test('keys of parties stand in a dossier if they attested something of the act, and those made anew prove it', async (t) => {
    const n = node(t), file = write(n.folder, 'p.csv', personsTable());
    for (let i = 0; i < 3; i++)
        expect(EX.OK, ['party', 'register', `later-${i}:government:state_organ:CN`, '--data', n.data,
            '--party', 'transport', '--member', 'wang']);
    assert.equal((await proves(dossier(n.data, open(n, 'a.csv', plainTable()).act), n.data)).outcome, 'permit');
    const asked = json(EX.OK, ['key', 'create', 'party/transport', '--data', n.data, '--member', 'lin', '--reason', 'lost', '--yes']);
    const made = json(EX.OK, ['key', 'agree', asked.request, '--data', n.data, '--party', 'health', '--member', 'zhao', '--yes',
        '--key', join(n.data, 'keys/health.key')]);
    const left = json(EX.TEMPFAIL, request(file, n.data, 'share', '--recipient', 'health', '--fact', 'subject_under_14=false', '--fact', 'purpose_in_statutory_duties=true')).outcome;
    expect(EX.OK, ['fact', 'attest', left.intent, 'is_secret', 'true', '--data', n.data, '--party', 'transport',
        '--key', join(n.data, made.file), '--evidence', 'minutes of 3 May']);
    const again = json(EX.NOPERM, ['act', 'resume', left.intent, file, '--data', n.data, '--yes', '--member', 'lin']).outcome;
    const text = dossier(n.data, again.act, ...forAudit());
    assert.deepEqual(JSON.parse(text).dossier.keys_by, [made.outcome.act]);
    await proves(text, n.data);
});

test('who names a dataset, version or distribution gets the dossier of the act that made it', async (t) => {
    const n = node(t), { act } = open(n, 'a.csv', plainTable());
    for (const table of ['dataset', 'version', 'distribution'])
        assert.equal((await proves(dossier(n.data, sql(n.data, `SELECT id FROM ${table}`)), n.data)).act, act);
});

test('what isn\'t for the public, has no finding, or isn\'t there, is refused in a sentence', (t) => {
    const n = node(t), file = write(n.folder, 'a.csv', plainTable());
    const denied = json(EX.NOPERM, request(file, n.data, 'open', '--fact', 'is_secret=true')).outcome.act;
    assert.match(expect(EX.NOPERM, ['dossier', denied, '--data', n.data]).err, /restricted log.*--for audit/s);
    expect(EX.OK, ['dossier', denied, '--data', n.data, ...forAudit()]);
    assert.match(expect(EX.DATAERR, ['dossier', sql(n.data, "SELECT id FROM act WHERE verb = 'init'"), '--data', n.data]).err, /asked no law/);
    assert.match(expect(EX.NOINPUT, ['dossier', '01a20a10-8c09-7421-aa0d-7a6125f91c7c', '--data', n.data]).err, /no act, dataset, version or distribution/);
    expect(EX.USAGE, ['dossier', denied, '--data', n.data, '--for', 'everybody']);
    expect(EX.USAGE, ['dossier', 'x', '--data', n.data]);
});

test('that an audit dossier was given is an act of who took it, before the first byte; a public one is none', async (t) => {
    const n = node(t), { act } = open(n, 'p.csv', personsTable());
    const acts = () => Number(sql(n.data, 'SELECT COUNT(*) FROM act')), before = acts();
    dossier(n.data, act);
    assert.equal(acts(), before, 'the public one tells nothing new');
    const path = join(n.folder, 'd.json');
    const said = expect(EX.OK, ['dossier', act, '--data', n.data, ...forAudit(), '--recipient', 'court of audit', '-o', path]).err;
    const id = /is the act (\S+)/.exec(said)[1];
    const leaf = json(EX.OK, ['ledger', 'show', '--data', n.data, '--log', 'restricted']).leaves.at(-1).leaf;
    assert.deepEqual([leaf.act, leaf.verb, leaf.outcome, leaf.party, leaf.object.id], [id, 'use', 'done', 'transport', sql(n.data, 'SELECT id FROM distribution')]);
    assert.deepEqual(Object.keys(leaf.commitments).sort(), ['evidence', 'member', 'recipient']);
    const { given } = json(EX.OK, ['act', 'show', id, '--data', n.data]).record;
    assert.deepEqual(given, { dossier: act, sha256: createHash('sha256').update(readFileSync(path)).digest('hex'), to: 'court of audit' });
    await proves(readFileSync(path, 'utf8'), n.data);
    // The party that took no part may not know it; a member of the party may, and so may whoever audits.
    const taken = acts();
    assert.match(expect(EX.NOPERM, ['dossier', act, '--data', n.data, ...forAudit('health', 'zhao')]).err, /node\.access\.acts/);
    assert.match(expect(EX.NOINPUT, ['dossier', act, '--data', n.data, ...forAudit('transport', 'nobody')]).err, /no member "nobody"/);
    assert.match(expect(EX.USAGE, ['dossier', act, '--data', n.data, '--for', 'audit']).err, /--party, --member/);
    assert.match(expect(EX.USAGE, ['dossier', act, '--data', n.data, '--member', 'lin']).err, /goes with --for audit/);
    expect(EX.USAGE, ['dossier', act, '--data', n.data, ...forAudit(), '--recipient', 'x'.repeat(201)]);
    expect(EX.NOINPUT, ['dossier', '01a20a10-8c09-7421-aa0d-7a6125f91c7c', '--data', n.data, ...forAudit()]);
    assert.equal(acts(), taken, 'what was refused was not given');
    const shared = json(EX.OK, request(write(n.folder, 's.csv', plainTable(80)), n.data, 'share', '--recipient', 'acme', '--yes')).outcome;
    expect(EX.NOPERM, ['dossier', shared.act, '--data', n.data, ...forAudit('health', 'zhao')]);
    dossier(n.data, shared.act, ...forAudit('acme', 'steward')); // it received the table
    whole(n.data);
});

test('of an act whose record was tampered with there is no dossier', (t) => {
    const n = node(t), { act } = open(n, 'a.csv', plainTable());
    sql(n.data, `UPDATE intent SET sealed_request = (SELECT sealed_record FROM act WHERE id = '${act}')`);
    expect(EX.SOFTWARE, ['dossier', act, '--data', n.data]);
});

// ---- The five acts of the tutorial, under both laws

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const makeActs = join(dirname(polder), 'tests/make_acts');
const shared = process.env.POLDER_SHARED_DATA ?? resolve(root, '../shared/data');
const CHAMBERS = { company: 'enterprise', association: 'industry', group: 'public' };

// What docs/tutorial/acts.sh asks `law compare`, taken from it by a program that stands in for polder.
function tutorialActs(t) {
    const folder = temporary(t), log = join(folder, 'asked'), shim = write(folder, 'polder',
        `#!/bin/sh\nif [ "$1" = law ]; then for a in "$@"; do printf '%s\\t' "$a"; done >>'${log}'; echo >>'${log}'; fi\nexec '${polder}' "$@"\n`);
    chmodSync(shim, 0o755);
    const done = spawnSync('sh', [join(root, 'docs/tutorial/acts.sh'), shim, shared, folder], { encoding: 'utf8' });
    // Its last step fills tables into a page that isn't there.
    assert.ok(existsSync(log), done.stderr);
    const lines = readFileSync(log, 'utf8').trim().split('\n').map((l) => l.trim().split('\t'));
    return lines.filter((l) => !l.includes('--json'));
}

function caseOf(args, country) {
    const all = (option) => args.flatMap((a, i) => (a === option ? [args[i + 1]] : [])), one = (option) => all(option)[0];
    const party = (id, kind, where) => ({ id, kind, chamber: CHAMBERS[kind] ?? 'government', country: where });
    const kind = one('--party-kind') ?? 'state_organ', other = one('--recipient-kind'), abroad = one('--recipient-country');
    return { verb: one('--for'), party: party(kind, kind, country), recipient: other || abroad ? party('recipient', other ?? 'state_organ', abroad ?? country) : null,
        facts: all('--fact').map((f) => {
            const [, name, value, cls = 'declared'] = /^([^=]+)=(.*?)(?:@(\w+))?$/.exec(f);
            return { name, value, class: cls };
        }) };
}

function nodeOf(t, law, country) {
    const data = join(temporary(t), 'node');
    expect(EX.OK, ['init', '--data', data, '--origin', `${law}.polder.example`, '--law', law,
        '--party', `state_organ:government:state_organ:${country}`, '--party', `company:enterprise:company:${country}`, '--member', 'state_organ/auditor:audit']);
    return data;
}

for (const [law, country] of [['cn', 'CN'], ['eu', 'NL']])
    test(`dossiers of the five acts of the tutorial are proven under ${law}, refused or permitted`,
        { skip: existsSync(makeActs) && existsSync(join(shared, 'privacy')) ? false : 'needs make_acts and the shared data' }, async (t) => {
            const data = nodeOf(t, law, country), cases = tutorialActs(t).map((args) => caseOf(args, country));
            assert.equal(cases.length, 10);
            cases.push({ ...cases[0], facts: [...cases[0].facts, { name: 'is_secret', value: 'true', class: 'declared' }] });
            const made = spawnSync(makeActs, [data], { input: cases.map((c) => `${JSON.stringify(c)}\n`).join(''), encoding: 'utf8' });
            assert.equal(made.status, 0, made.stderr);
            const acts = made.stdout.trim().split('\n').map((l) => JSON.parse(l));
            const outcomes = new Set();
            for (const { act, outcome } of acts) {
                const told = await proves(dossier(data, act, ...forAudit('state_organ', 'auditor')), data);
                assert.equal(told.outcome, outcome);
                outcomes.add(outcome);
            }
            for (const outcome of ['permit', 'open', ...(law === 'cn' ? ['deny'] : [])]) assert.ok(outcomes.has(outcome), [...outcomes].join());
        });

// ---- Acts that were promised together

const asking = join(dirname(polder), 'tests/asking');

// Lets it ask in 8 threads until there are `count` receipts; resolves to the acts.
function askFor(data, intent, count) {
    return new Promise((done) => {
        const child = spawn(asking, [data, intent, '8'], { stdio: ['ignore', 'pipe', 'inherit'] });
        let text = '';
        child.stdout.on('data', (piece) => {
            text += piece;
            if (text.split('\n').length > count) child.kill('SIGKILL');
        });
        child.on('close', () => done(text.split('\n').slice(0, -1).map((line) => line.split('\t')[0])));
    });
}

test('the receipt of an act that was promised with others is proven by its path, and no character of it can be another',
    { skip: existsSync(asking) ? false : `there is no ${asking}` }, async (t) => {
        const n = node(t);
        const { intent } = json(EX.TEMPFAIL, request(write(n.folder, 'p.csv', plainTable(60)), n.data, 'open', '--fact', 'is_commercial_confidential=true', '--yes')).outcome;
        const acts = await askFor(n.data, intent, 60);
        expect(EX.OK, ['job', 'run', '--data', n.data]);
        const together = acts.filter((act) => sql(n.data, `SELECT receipt FROM act WHERE id = '${act}'`).startsWith('polder-receipt/v2\n'));
        assert.ok(together.length > 1, 'some were promised together');
        for (const act of together.slice(0, 8)) assert.equal((await proves(dossier(n.data, act, ...forAudit()), n.data)).act, act);
        const act = together.at(-1), file = JSON.parse(dossier(n.data, act, ...forAudit())), key = keyOf(n.data), { receipt } = file.dossier;
        assert.match(receipt, /\nindex \d+\n([\w+/]{43}=\n)+\npolder-promises\/v1\n/);
        for (let i = 0; i < receipt.length; i += isFast ? 5 : 1) {
            const c = receipt[i] === '\n' ? ' ' : receipt[i] === 'A' ? 'B' : 'A';
            const text = put(file, ['dossier', 'receipt'], receipt.slice(0, i) + c + receipt.slice(i + 1));
            await assert.rejects(verifyDossier(text, { key }), (e) => e instanceof Refused && e.part === 'receipt', `character ${i}: ${JSON.stringify(receipt[i])}`);
        }
        const other = sql(n.data, `SELECT receipt FROM act WHERE id = '${together[0]}'`);
        await assert.rejects(verifyDossier(put(file, ['dossier', 'receipt'], `${other.trimEnd()}\n`), { key }), /receipt: it promises something else/);
    });

// ---- Every change is found

const clone = (value) => JSON.parse(JSON.stringify(value));
const put = (file, path, value) => {
    const out = clone(file), at = path.slice(0, -1).reduce((v, k) => v[k], out);
    at[path.at(-1)] = value;
    return canonical(out);
};

// [what, path, value or change, the part that is refused]
const changes = [
    ['the outcome', ['finding', 'outcome'], 'open', /^finding$/],
    ['a voice', ['finding', 'voices', 0, 'id'], 'cn.pipl.13', /^finding/],
    ['an article', ['finding', 'voices', 0, 'article'], '99', /^finding/],
    ['a duty', ['finding', 'obligations', 0, 'text'], 'publish(catalogue;within=1d)', /^finding$/],
    ['a fact', ['opened', 'facts', 'value', 'facts', 0, 'value'], true, /^opened facts$/],
    ['the class of a fact', ['opened', 'facts', 'value', 'facts', 0, 'class'], 'attested', /^opened facts$/],
    ['a risk', ['opened', 'facts', 'value', 'risk_after'], { k: 100 }, /^opened facts$/],
    ['the kind of the party', ['opened', 'facts', 'value', 'case', 'party', 'kind'], 'company', /^opened facts$/],
    ['the moment', ['opened', 'facts', 'value', 'case', 'now'], '2020-01-01T00:00:00Z', /^opened facts$/],
    ['a salt', ['opened', 'plan', 'salt'], '0'.repeat(64), /^opened plan$/],
    ['the plan', ['opened', 'plan', 'value', 'k'], 9, /^opened plan$/],
    ['the title', ['opened', 'title', 'value'], 'Another table', /^opened title$/],
    ['what is closed', ['closed'], [], /^closed$/],
    ['a rule', ['rules', 'node/base.cedar'], (text) => `${text} `, /^rules$/],
    ['a threshold', ['rules', 'node/thresholds.json'], (text) => text.replace('5', '2'), /^rules$/],
    ['by which act the rules came', ['rules_by'], (_, d) => d.act, /^(leaves|rules)$/],
    ['the charter', ['charter', 'preset'], 'x', /^charter$/],
    ['a key in the charter', ['charter', 'keys', 'receipts'], (_, d) => d.charter.keys.public, /^charter$/],
    ['the receipt', ['receipt'], (text) => text.replace('permit', 'deny'), /^receipt$/],
    ['the leaf', ['leaves', 0, 'leaf', 'party'], 'health', /^leaf /],
    ['the time of the leaf', ['leaves', 0, 'leaf', 'time'], '2026-01-01T00:00Z', /^leaf /],
    ['the index', ['leaves', 0, 'index'], 0, /^leaf /],
    ['the proof', ['leaves', 0, 'proof'], [], /^leaf /],
    ['the root', ['logs', 'test.polder.example/public', 'checkpoint'], (text) => text.replace(/\n(\d)\n/, '\n9\n'), /^logs /],
    ['for whom it is', ['for'], 'audit', /^(evidence|signature)$/],
    ['when it was made', ['made_at'], '2026-01-01T00:00:00Z', /^signature$/],
    ['the origin', ['origin'], 'other.example', /^(logs|charter|file|receipt)/],
];

test('each of many changes is refused by the name of the part', async (t) => {
    const n = node(t), { act } = open(n, 'a.csv', plainTable()), file = JSON.parse(dossier(n.data, act)), key = keyOf(n.data);
    await verifyDossier(canonical(file), { key });
    for (const [what, path, change, part] of changes) {
        const old = path.reduce((v, k) => v[k], file.dossier);
        const text = put(file, ['dossier', ...path], typeof change === 'function' ? change(old, file.dossier) : change);
        await assert.rejects(verifyDossier(text, { key }), (e) => e instanceof Refused && part.test(e.part), what);
    }
    for (const text of ['', '{}', '[]', 'null', canonical(file).slice(0, -1), canonical(file).replace('{', '{ '), canonical({ ...file, more: 1 })])
        await assert.rejects(verifyDossier(text, { key }), Refused);
    const other = node(t);
    await assert.rejects(verifyDossier(canonical(file), { key: keyOf(other.data).replace(/.$/, 'A') }), Refused, 'another key');
});

// Another value of the same type, by chance; texts differ in one character.
function another(value, random) {
    if (typeof value === 'boolean') return !value;
    if (typeof value === 'number') return value + 1 + Math.floor(random() * 9);
    if (value === null) return 0;
    if (value === '') return 'x';
    const at = Math.floor(random() * value.length), c = value[at];
    return value.slice(0, at) + (c === 'a' ? 'b' : c === '1' ? '2' : 'a') + value.slice(at + 1);
}
const leavesOf = (value, path = []) => value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([k, v]) => [[[...path, k], v, true], ...leavesOf(v, [...path, k])])
    : [[path, value, false]];

test('any value of a dossier that is changed by chance is found, and any that is taken away', async (t) => {
    const n = node(t), file = JSON.parse(dossier(n.data, open(n, 'p.csv', personsTable()).act, ...forAudit())), key = keyOf(n.data);
    const all = leavesOf(file);
    let seed = 20261129;
    const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
    const values = all.filter(([, , isMember]) => !isMember), members = all.filter(([, , isMember]) => isMember);
    const text = canonical(file), parts = new Map();
    for (let i = 0; i < 400; i++) {
        const isTaken = i % 4 === 3, [path, value] = (isTaken ? members : values)[Math.floor(random() * (isTaken ? members : values).length)];
        const out = clone(file), at = path.slice(0, -1).reduce((v, k) => v[k], out);
        if (!isTaken) at[path.at(-1)] = another(value, random);
        else if (Array.isArray(at)) at.splice(Number(path.at(-1)), 1);
        else delete at[path.at(-1)];
        if (canonical(out) === text) continue;
        await assert.rejects(verifyDossier(canonical(out), { key }), (e) => {
            parts.set(e.part?.split(' ')[0], (parts.get(e.part?.split(' ')[0]) ?? 0) + 1);
            return e instanceof Refused;
        }, `${path.join('/')}: ${JSON.stringify(value)?.slice(0, 80)}`);
    }
    assert.ok(parts.size > 5, [...parts.keys()].join());
});

test('while the node is served, dossiers are got through the API, and one for audit is an act by the rules of access', async (t) => {
    const n = node(t), { act } = open(n, 'p.csv', personsTable()), dataset = sql(n.data, 'SELECT id FROM dataset');
    const lin = token(n.data, 'transport/lin', 'read_acts'), narrow = token(n.data, 'transport/lin', 'read_catalogue');
    const other = token(n.data, 'health/zhao', 'read_acts');
    const s = await serving(t, n.data), at = (id) => `/api/v1/dossiers/${id}`;
    for (const id of [act, dataset]) {
        const answer = await s.ask(at(id)), text = await answer.text();
        assert.equal(answer.status, 200, text);
        const told = await proves(text, n.data);
        assert.deepEqual([told.act, told.for], [act, 'public']);
    }
    const before = actCount(n.data);
    assert.equal((await s.ask(at(act), { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } })).status, 401);
    for (const [secret, id, body, status, says] of [
        [narrow, act, {}, 403, /node\.access\.scope|scopes/], [other, act, {}, 403, /node\.access\.acts|takes? part|act/],
        [lin, '019a0000-0000-7000-8000-000000000000', {}, 404, /there is no/], [lin, 'x', {}, 404, /of this id/],
        [lin, act, { recipient: 'r'.repeat(201) }, 400, /recipient/], [lin, act, { reader: 'me' }, 400, /reader/]]) {
        const answer = await s.ask(at(id), by(secret, body)), text = await answer.text();
        assert.equal(answer.status, status, `${id} ${JSON.stringify(body)}: ${text}`);
        assert.match(text, says);
    }
    assert.equal(actCount(n.data), before, 'what is refused hands out nothing, and is no act');
    const answer = await s.ask(at(act), by(lin, { recipient: 'court of audit' })), text = await answer.text();
    assert.equal(answer.status, 201, text);
    assert.equal((await proves(text, n.data)).for, 'audit');
    assert.deepEqual(JSON.parse(text).dossier.closed, []);
    const given = answer.headers.get('location').replace('/api/v1/acts/', '');
    assert.equal(sql(n.data, `SELECT verb || ' ' || party_id FROM act WHERE id = '${given}'`), 'use transport');
    assert.equal(actCount(n.data), before + 1);
    const shown = await s.ask(`/api/v1/acts/${given}`, { headers: { Authorization: `Bearer ${narrow}` } });
    assert.equal((await shown.json()).verb, 'use');
    await s.stop();
    whole(n.data);
});

test('a dossier is of its published schema', async (t) => {
    const { default: Ajv } = await import('ajv/dist/2020.js').catch(() => ({}));
    if (!Ajv) return t.skip('ajv is not installed (script/bootstrap --npm)');
    const schema = JSON.parse(readFileSync(join(root, 'docs/reference/dossier.schema.json'), 'utf8'));
    const isValid = new Ajv({ strict: false }).compile(schema);
    const n = node(t), { act } = open(n, 'p.csv', personsTable());
    for (const whom of [['--for', 'public'], forAudit()])
        assert.ok(isValid(JSON.parse(dossier(n.data, act, ...whom))), JSON.stringify(isValid.errors));
    assert.ok(!isValid({ dossier: {} }));
    writeFileSync(join(n.folder, 'x'), '');
});
