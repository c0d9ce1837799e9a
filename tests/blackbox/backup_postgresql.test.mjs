// A node moves between SQLite and PostgreSQL by its backup, and is the same node.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EX, expect, personsTable, plainTable, request, temporary, write } from './lib.mjs';
import { Server, noServer } from './server.mjs';

let pg, made = 0;
const needs = { skip: noServer, timeout: 20 * 60 * 1000 };
before(async () => {
    if (noServer) return;
    pg = new Server();
    await pg.start();
});
after(async () => pg?.remove());

function newDatabase() {
    const name = `b${made++}`;
    pg.sql(`CREATE DATABASE ${name} TEMPLATE template0`);
    return pg.location(name);
}
const sections = (to, name) => JSON.parse(readFileSync(join(to, 'backups', `${name}.json`), 'utf8')).sections
    .map((s) => [s.section, s.lines, s.pieces.map((p) => p.piece)]).sort();

test('from SQLite to PostgreSQL and back, the backups of each consist of the same rows', needs, (t) => {
    const folder = temporary(t), at = (name) => join(folder, name), options = { env: pg.env };
    const json = (args) => JSON.parse(expect(EX.OK, [...args, '--json'], options).out);
    const backup = (data) => json(['backup', '--data', at(data), '--to', at('b'), '--keys', at('k')]).backup;
    const restore = (name, ...more) => json(['restore', '--from', at('b'), '--keys', at('k'), '--node-key', at('node.key'), '--data', at(name), ...more]);
    const whole = (data) => expect(EX.OK, ['ledger', 'verify', '--data', at(data)], options);
    // Without a database of the test's own (lib.mjs): this one begins in the folder.
    expect(EX.OK, ['init', '--data', at('lite'), '--origin', 'test.polder.example', '--law', 'cn', '--party', 'transport', '--member', 'lin:steward',
        ...(process.env.POLDER_TEST_DATABASE ? ['--database', newDatabase()] : [])], options);
    expect(EX.OK, request(write(folder, 'a.csv', plainTable()), at('lite'), 'open', '--yes'), options);
    expect(EX.OK, request(write(folder, 'p.csv', personsTable(80)), at('lite'), 'store', '--yes'), options);
    copyFileSync(join(at('lite'), 'node.key'), at('node.key'));
    chmodSync(at('node.key'), 0o600);

    const first = backup('lite');
    const moved = restore('pg', '--database', newDatabase());
    assert.deepEqual([moved.is_restored, moved.flaws, moved.missing], [true, [], []]);
    assert.ok(!readdirSync(at('pg')).some((f) => f.startsWith('polder.db')));
    whole('pg');
    const second = backup('pg');
    assert.deepEqual(sections(at('b'), second), sections(at('b'), first));

    expect(EX.OK, request(write(folder, 'c.csv', plainTable(70)), at('pg'), 'open', '--yes'), options);
    const third = backup('pg');
    const back = restore('lite2');
    assert.deepEqual([back.is_restored, back.flaws, back.missing], [true, [], []]);
    assert.ok(readdirSync(at('lite2')).includes('polder.db'));
    whole('lite2');
    assert.deepEqual(sections(at('b'), backup('lite2')), sections(at('b'), third));
    expect(EX.OK, request(at('c.csv'), at('lite2'), 'open', '--yes'), options);
    whole('lite2');

    // A database that has a node already is refused, and the folder stays empty.
    const taken = readFileSync(join(at('pg'), 'database'), 'utf8').split('\n')[0];
    const refused = expect([EX.TEMPFAIL, EX.NOPERM], ['restore', '--from', at('b'), '--keys', at('k'), '--node-key', at('node.key'), '--data', at('x'),
        '--database', taken], options);
    assert.match(refused.err, /another data folder|holds a node already|belongs to/);
    assert.deepEqual(readdirSync(at('x')), []);
});
