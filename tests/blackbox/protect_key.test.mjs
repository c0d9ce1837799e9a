// Keys of pseudonyms at a node: the same person has the same pseudonym in every table of one purpose, and another under
// another; a key is of one party and purpose; and once it is destroyed what it made can't be undone, joined or made again.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, node, personsTable, sql, temporary, write } from './lib.mjs';

const json = (args) => JSON.parse(expect(EX.OK, [...args, '--json']).out);

test('one purpose joins, two do not, and what a destroyed key made is irreversible', (t) => {
    const folder = temporary(t), { data } = node(t);
    const file = write(folder, 'a.csv', personsTable()), again = write(folder, 'b.csv', personsTable(300));
    const as = (party, member) => ['--data', data, '--party', party, '--member', member, '--key', join(data, 'keys', `${party}.key`)];
    const share = (path, purpose, plan, ...more) => ['govern', path, '--data', data, '--party', 'transport', '--member', 'lin', '--title', 'Trips',
        '--for', 'open', '--purpose', purpose, '--basis', 'public_task', '--plan', write(folder, 'plan.json', JSON.stringify(plan)), ...more];
    const key = json(['key', 'pseudonym', 'mobility', '--purpose', 'statistics', ...as('transport', 'lin')]);
    json(['key', 'pseudonym', 'other', '--purpose', 'research', ...as('transport', 'lin')]);
    assert.match(expect(EX.TEMPFAIL, ['key', 'pseudonym', 'mobility', '--purpose', 'research', ...as('transport', 'lin')]).err, /a name is never given twice/);
    assert.match(expect(EX.USAGE, ['key', 'pseudonym', 'No Name', '--purpose', 'research', ...as('transport', 'lin')]).err, /words of 1 to 100/);

    // Pseudonyms of a figure that is nobody's identifier, so that the law has nothing against publishing them.
    const plan = (name) => ({ plan: 2, k: 5, key: name, quasi: [{ column: 1, name: 'sex' }, { column: 2, name: 'birth_date' }, { column: 3, name: 'district' }],
        steps: [{ column: 0, name: 'resident_id', method: 'drop' }, { column: 1, name: 'sex', method: 'drop' },
            { column: 2, name: 'birth_date', method: 'generalise_date', date: 'decade' }, { as: 'trips', column: 4, name: 'trips', method: 'pseudonym' }] });
    const out = (done) => join(data, done.outcome.released_as);
    const one = json(share(file, 'statistics', plan('mobility'), '--yes')), two = json(share(again, 'statistics', plan('mobility'), '--yes'));
    const three = json(share(file, 'research', plan('other'), '--yes'));
    const common = (a, b) => spawnSync('python3', ['tests/verifier/plan.py', 'join', out(a), 'trips', out(b), 'trips'], { encoding: 'utf8' }).stdout;
    assert.equal(common(one, two), '9 9\n');
    assert.equal(common(one, three), '0 9\n');
    assert.ok(one.case.changes.some((c) => /by the key "mobility", which is kept/.test(c.what)));

    // Another purpose, another party, no such key.
    assert.match(expect(EX.NOPERM, share(file, 'research', plan('mobility'), '--yes')).err, /for the purpose "statistics", and this is transport for "research"/);
    assert.match(expect(EX.NOINPUT, share(file, 'statistics', plan('nothing'), '--yes')).err, /there is no key of pseudonyms "nothing"/);

    // Destroyed by two parties, said before.
    const asked = expect(EX.TEMPFAIL, ['key', 'destroy', key.id, '--reason', 'the study is over', ...as('transport', 'lin')]);
    assert.match(asked.out, /nobody can undo, join or make again\s+the pseudonyms of any more/);
    assert.match(asked.out, /pseudonyms .* \(mobility\)/);
    assert.equal(asked.out.match(/pseudonymised /g).length, 2);
    const request = json(['key', 'destroy', key.id, '--reason', 'the study is over', '--yes', ...as('transport', 'lin')]).request;
    expect(EX.OK, ['key', 'agree', request, '--yes', ...as('health', 'zhao')]);
    assert.match(expect(EX.NOINPUT, share(file, 'statistics', plan('mobility'), '--yes')).err,
        /was destroyed by the act .*: what was made by it can't be made again, undone or joined/);
    assert.ok(readFileSync(out(one), 'utf8').includes('p_'), 'what was released stays');
    expect(EX.OK, ['verify', '--data', data]);
});
