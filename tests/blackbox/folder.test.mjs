// A folder, or a database named without a table, through the law: an act for each table, the rest done
// when one fails, a sum, and going on where it stopped.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { EX, actCount, expect, node, plainTable, sql, temporary, whole, write } from './lib.mjs';

const govern = (place, data, ...more) => ['govern', place, '--data', data, '--party', 'transport', '--member', 'lin',
    '--title', 'Lines', '--for', 'open', '--purpose', 'statistics', '--basis', 'public_task', '--yes', ...more];

function folderOf(t, files) {
    const folder = join(temporary(t), 'tables');
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return folder;
}

test('each table of a folder is an act of its own dataset; what fails is named, and the rest is done', (t) => {
    const { data } = node(t);
    const folder = folderOf(t, { 'north.csv': plainTable(60), 'south.csv': plainTable(80), 'broken.csv': 'a,b\n"1,2\n', 'empty.csv': '' });
    mkdirSync(join(folder, 'within'));
    const got = expect(EX.DATAERR, govern(folder, data));
    assert.match(got.out, /4 tables: 2 done, 0 done before, 0 left open, 0 denied, 2 failed\./);
    assert.match(got.out, /broken +failed +broken\.csv: line 2/);
    assert.match(got.out, /1 folders within .* were passed over/);
    assert.deepEqual(sql(data, 'SELECT title FROM dataset ORDER BY title').split('\n'), ['{"en":"Lines: north"}', '{"en":"Lines: south"}']);
    whole(data);
});

test('the same command with the same key does only what is not done, and gives the first receipts', (t) => {
    const { data } = node(t);
    const folder = folderOf(t, { 'a.csv': plainTable(60), 'b.csv': 'a,b\n"1,2\n' });
    const first = JSON.parse(expect(EX.DATAERR, govern(folder, data, '--idempotency-key', 'k', '--json')).out);
    assert.deepEqual(first.counts, { failed: 1, done: 1, repeated: 0, denied: 0, open: 0 });
    const acts = actCount(data);
    write(folder, 'b.csv', plainTable(70));
    const second = JSON.parse(expect(EX.OK, govern(folder, data, '--idempotency-key', 'k', '--json')).out);
    assert.deepEqual(second.counts, { failed: 0, done: 1, repeated: 1, denied: 0, open: 0 });
    assert.equal(actCount(data), acts + 1);
    assert.equal(second.tables[0].outcome.act, first.tables[0].outcome.act);
    assert.match(first.tables[1].error, /b\.csv: line 2/);
    whole(data);
});

test('a dry run of a folder records nothing; files of one name and two extensions are two datasets', (t) => {
    const { data } = node(t);
    const folder = folderOf(t, { 't.csv': plainTable(60), 't.tsv': plainTable(61).replaceAll(',', '\t') });
    const acts = actCount(data);
    assert.match(expect(EX.OK, govern(folder, data, '--dry-run')).out, /2 tables: 2 done.*\(a dry run: nothing was recorded\)/);
    assert.equal(actCount(data), acts);
    expect(EX.OK, govern(folder, data));
    assert.deepEqual(sql(data, 'SELECT title FROM dataset ORDER BY title').split('\n'), ['{"en":"Lines: t.csv"}', '{"en":"Lines: t.tsv"}']);
});

test('all tables of a database are governed; no right to read one file, an empty folder, repairs of many: said', (t) => {
    const { data, folder } = node(t);
    const db = join(folder, 't.db');
    const rows = Array.from({ length: 60 }, (_, i) => `('L${i % 7}',${i % 11})`).join(',');
    assert.equal(spawnSync('sqlite3', [db, `CREATE TABLE one (line, n); INSERT INTO one VALUES ${rows}; CREATE TABLE two AS SELECT * FROM one`]).status, 0);
    assert.match(expect(EX.OK, govern(db, data)).out, /one +done[^]*two +done[^]*2 tables: 2 done/);
    const empty = folderOf(t, {});
    assert.match(expect(EX.DATAERR, govern(empty, data)).err, /holds no file/);
    const standard = write(folder, 's.json', '{"fields":[{"name":"a"}]}');
    assert.match(expect(EX.USAGE, govern(db, data, '--standard', standard, '--repair', standard)).err, /repairs are of one table/);
    if (process.getuid() === 0) return; // who may read everything can't be refused
    const closed = folderOf(t, { 'a.csv': plainTable(60), 'b.csv': plainTable(60) });
    chmodSync(join(closed, 'b.csv'), 0);
    assert.match(expect([EX.NOPERM, EX.DATAERR], govern(closed, data)).out, /a +done[^]*b +failed/);
    unlinkSync(join(closed, 'b.csv'));
});
