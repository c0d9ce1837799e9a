// The synthetic province: a year of acts through the doorway, whole, and the same for the same seed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { database, EX, expect, isFast, server, sql, temporary, whole } from './lib.mjs';

const rows = (data, text) => sql(data, text).split('\n').filter(Boolean).map((line) => line.split('|'));
const counts = (data, text) => Object.fromEntries(rows(data, text).map(([name, n]) => [name, Number(n)]));
const size = isFast ? ['--small'] : [];

function seed(t, number = 1, ...more) {
    const data = join(temporary(t), 'province');
    if (server) more.push('--database', database(data)); // tests/postgres.py
    const said = JSON.parse(expect(EX.OK, ['demo', 'seed', '--data', data, '--seed', number, '--until', '2026-11-30', '--json', ...size, ...more]).out);
    return { data, said };
}
// What a visitor would see of it: no ids, which are always new.
const catalogue = (data) => [
    rows(data, 'SELECT d.party_id, d.title, d.created_at / 60000000, s.openness, s.grade, s.row_count, s.column_count FROM dataset d '
        + "JOIN catalogue_seen s ON s.dataset_id = d.id AND s.viewer = '/all' ORDER BY d.party_id, d.title"),
    rows(data, 'SELECT verb, party_id, outcome, COUNT(*) FROM act GROUP BY 1, 2, 3 ORDER BY 1, 2, 3'),
    rows(data, 'SELECT plain_hash FROM distribution WHERE plain_hash IS NOT NULL ORDER BY 1'),
    rows(data, 'SELECT state, COUNT(*) FROM catalogue_clock GROUP BY 1 ORDER BY 1'),
];

test('a seed makes a whole province: everybody in it, every kind of act, and all of it verifies', (t) => {
    const { data, said } = seed(t);
    whole(data);
    expect(EX.OK, ['law', 'replay', '--data', data]);

    const chambers = counts(data, 'SELECT chamber, COUNT(*) FROM party GROUP BY 1');
    assert.deepEqual(chambers, { enterprise: 10, government: 13, industry: 4, public: 4 });
    assert.equal(sql(data, "SELECT COUNT(*) FROM party WHERE kind = 'state_organ'").trim(), '12');
    assert.equal(sql(data, "SELECT COUNT(*) FROM member m JOIN party p ON p.id = m.party_id WHERE p.chamber = 'public'").trim(), '200');
    assert.equal(sql(data, 'SELECT COUNT(*) FROM dataset').trim(), '40');
    assert.equal(sql(data, 'SELECT COUNT(DISTINCT party_id) FROM dataset').trim(), '13');
    for (const [title] of rows(data, 'SELECT title FROM dataset UNION ALL SELECT title FROM party')) {
        const { en, zh, ...others } = JSON.parse(title);
        assert.ok(en && /\p{sc=Han}/u.test(zh) && Object.keys(others).length === 0, title);
    }

    // All verbs that acts of this program can have within a year: witnesses and prunings need more.
    const verbs = counts(data, 'SELECT verb, COUNT(*) FROM act GROUP BY 1');
    for (const verb of ['agree', 'anchor', 'answer', 'attest', 'decide', 'delete', 'deny', 'destroy_key', 'init', 'intend', 'open', 'register',
        'request_access', 'revoke', 'rotate_key', 'share', 'store']) assert.ok(verbs[verb] > 0, verb);
    assert.ok(verbs.deny >= 4 && said.denials >= 4, 'refusals with their articles');
    for (const [act] of rows(data, "SELECT id FROM act WHERE verb = 'deny' AND intent_id IS NOT NULL")) {
        const { record } = JSON.parse(expect(EX.OK, ['act', 'show', act, '--data', data, '--json']).out);
        assert.ok(record.finding.voices.some((v) => v.role === 'forbids' && v.article), 'a denial names an article');
    }
    assert.equal(Number(sql(data, "SELECT COUNT(*) FROM intent WHERE state = 'open'")), said.open_intents);

    // What is decided together: demands, one rule that the chambers voted into force, one that is consulted on.
    assert.deepEqual([said.demands, said.proposals], [3, 2]);
    const demands = JSON.parse(expect(EX.OK, ['demand', 'list', '--data', data, '--json']).out).demands;
    assert.equal(demands.length, 3);
    assert.ok(demands.every((d) => d.backers.length > 0 && /\p{sc=Han}/u.test(d.need)), JSON.stringify(demands));
    const proposals = JSON.parse(expect(EX.OK, ['proposal', 'list', '--data', data, '--json']).out).proposals;
    assert.deepEqual(proposals.map((p) => p.stage).sort(), ['consultation', 'in_force']);
    assert.ok(verbs.vote >= 60, `${verbs.vote} ballots`);
    const voted = proposals.find((p) => p.stage === 'in_force');
    expect(EX.OK, ['ledger', 'recount', voted.proposal ?? voted.id, '--data', data]);
    assert.ok(said.open_intents >= 4 && said.cases >= 12 && said.erased >= 1 && said.destroyed === 1 && said.rotations === 2);
    const clocks = counts(data, 'SELECT state, COUNT(*) FROM catalogue_clock GROUP BY 1');
    assert.ok(clocks.met > 0 && clocks.late > 0 && clocks.running > 0 && clocks.keep > 0, JSON.stringify(clocks));
    assert.ok(Number(sql(data, 'SELECT COUNT(*) FROM clock_overdue')) > 0);
    assert.ok(Number(sql(data, 'SELECT COUNT(*) FROM lineage')) === said.repairs);
    if (!isFast) assert.ok(said.repairs > 0 && said.versions >= 200, `${said.repairs} ${said.versions}`);

    // A year, and none of it before or behind.
    const [[first, last]] = rows(data, 'SELECT MIN(made_at) / 1000000, MAX(made_at) / 1000000 FROM act');
    const end = Date.parse('2026-11-30') / 1000, days = (last - first) / 86400;
    assert.ok(last < end + 86400 && first >= end - 366 * 86400 && days > 340, `${first} ${last}`);

    // Citizens act as a party: no leaf, public or restricted, holds a member.
    const members = rows(data, 'SELECT id FROM member').map(([id]) => id), leaves = sql(data, `SELECT ${server ? "encode(bytes, 'escape')" : 'CAST(bytes AS TEXT)'} FROM leaf`);
    for (const id of members) assert.ok(!leaves.includes(id));
    assert.ok(!leaves.includes('resident-'));

    // Three administrators, none of whom is two of them, nor has a hand in data; each can sign in.
    for (const duty of ['system', 'security', 'audit']) {
        assert.deepEqual(rows(data, `SELECT party_id, name, duties FROM member WHERE duties LIKE '%"${duty}"%'`).map((r) => r.join(' ')),
            [`data-authority ${duty} ["${duty}"]`]);
        assert.ok(said.accounts.includes(`data-authority/${duty}`));
    }
    assert.equal(sql(data, "SELECT COUNT(*) FROM cases WHERE responsible_id = 'transport' AND id NOT IN (SELECT case_id FROM case_entry WHERE step <> 'raise')").trim(), '1');

    // Where open intents come from can be opened again; secrets are their owner's.
    assert.ok(readFileSync(join(said.tables, 'ACCOUNTS.txt'), 'utf8').includes(said.password));
    assert.equal(statSync(join(said.tables, 'ACCOUNTS.txt')).mode & 0o077, 0);
    assert.equal(statSync(data).mode & 0o077, 0);
    assert.equal(readdirSync(said.tables).filter((name) => name.endsWith('.csv')).length, said.open_intents);
    const [[waiting]] = rows(data, "SELECT id FROM intent WHERE state = 'open' AND party_id = 'transport'");
    expect(EX.OK, ['act', 'resume', waiting, '--data', data, '--member', 'steward', '--dry-run']);
    if (!server) assert.ok(!readFileSync(join(data, 'polder.db')).includes(said.password));
});

test('the same seed gives the same catalogue, another one another', (t) => {
    const one = seed(t, 7, '--small'), two = seed(t, 7, '--small'), other = seed(t, 8, '--small');
    assert.deepEqual(catalogue(one.data), catalogue(two.data));
    assert.notDeepEqual(catalogue(one.data)[2], catalogue(other.data)[2]);
    assert.notEqual(one.said.password, two.said.password, 'no two demos have one password');
});

test('what holds something is never filled, and nothing is left of what was refused', (t) => {
    const folder = temporary(t), data = join(folder, 'full');
    mkdirSync(data);
    writeFileSync(join(data, 'mine'), 'x');
    assert.match(expect(EX.DATAERR, ['demo', 'seed', '--data', data]).err, /holds something/);
    assert.deepEqual(readdirSync(data), ['mine']);
    assert.match(expect(EX.USAGE, ['demo', 'seed', '--data', join(folder, 'a'), '--seed', '1000001']).err, /--seed/);
    assert.match(expect(EX.USAGE, ['demo', 'seed', '--data', join(folder, 'a'), '--until', 'soon']).err, /--until/);
    assert.match(expect(EX.NOINPUT, ['demo', 'seed', '--data', join(folder, 'none', 'a')]).err, /none/);
    assert.ok(!existsSync(join(folder, 'a')));
});
