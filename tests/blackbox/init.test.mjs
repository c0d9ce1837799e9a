// Founding a node: act 0, what lies in the folder, and what is refused.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
    EX, actCount, expect, openNote, parseCheckpoint, parseVkey, sql, temporary, whole, write, server,
} from './lib.mjs';

// Options that `more` gives take the place of the usual ones.
function init(data, ...more) {
    const usual = [['--origin', 'data.example.gov'], ['--law', 'cn']].filter(([name]) => !more.includes(name));
    return ['init', '--data', data, ...usual.flat(), ...more];
}

test('a node is founded by one act in the public log, and verifies', (t) => {
    const data = join(temporary(t), 'node');
    const { out } = expect(EX.OK, init(data, '--party', 'transport', '--party', 'acme:enterprise:company:SG',
        '--member', 'transport/lin:steward,owner'));
    assert.match(out, /polder-receipt\/v1/);
    assert.equal(actCount(data), 1);
    assert.equal(sql(data, "SELECT chamber || ' ' || kind || ' ' || country FROM party WHERE id = 'acme'"),
        'enterprise company SG');
    const vkey = readFileSync(join(data, 'ledger/public/vkey'), 'utf8');
    assert.ok(out.includes(vkey.trim()), 'the report names the key that verifies the log');
    const checkpoint = parseCheckpoint(openNote(readFileSync(join(data, 'ledger/public/checkpoint'), 'utf8'), parseVkey(vkey)));
    assert.deepEqual([checkpoint.origin, checkpoint.size], ['data.example.gov/public', 1]);
    whole(data);
});

test('what is secret is for its owner alone', (t) => {
    const data = join(temporary(t), 'node');
    expect(EX.OK, init(data, '--party', 'transport'));
    for (const name of ['', 'node.key', 'keys.db', server ? 'database' : 'polder.db', 'keys/transport.key', 'vault'])
        assert.equal(statSync(join(data, name)).mode & 0o077, 0, `${name || 'the folder'} is closed to others`);
});

test('a party without members gets one called steward', (t) => {
    const data = join(temporary(t), 'node');
    expect(EX.OK, init(data, '--party', 'transport'));
    assert.equal(sql(data, "SELECT name || ' ' || duties FROM member"), 'steward ["steward"]');
});

test('a party\'s key file is the private half of the key that the node registered', (t) => {
    const data = join(temporary(t), 'node');
    expect(EX.OK, init(data, '--party', 'transport'));
    const [, name, id] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+/.exec(readFileSync(join(data, 'keys/transport.key'), 'utf8'));
    const registered = parseVkey(sql(data, 'SELECT public_key FROM party'));
    assert.deepEqual([name, id], [registered.name, registered.id.toString('hex')]);
});

test('--json names the node, its logs and the receipt', (t) => {
    const data = join(temporary(t), 'node');
    const answer = JSON.parse(expect(EX.OK, init(data, '--party', 'transport', '--json')).out);
    assert.match(JSON.stringify(answer), /data\.example\.gov\/public\+[0-9a-f]{8}\+/);
    assert.match(JSON.stringify(answer), /polder-receipt/);
});

test('founding twice is refused and the first node stays', (t) => {
    const data = join(temporary(t), 'node');
    expect(EX.OK, init(data, '--party', 'transport'));
    const before = readFileSync(join(data, 'ledger/public/checkpoint'));
    const { err } = expect(EX.TEMPFAIL, init(data, '--party', 'health'));
    assert.match(err, /node/);
    assert.deepEqual(readFileSync(join(data, 'ledger/public/checkpoint')), before);
    assert.equal(actCount(data), 1);
    whole(data);
});

const wrong = [
    ['an origin with a scheme', ['--origin', 'https://data.example.gov'], EX.DATAERR, /origin .*no scheme/],
    ['an origin with a space', ['--origin', 'data example'], EX.DATAERR, /origin/],
    ['an origin with a plus', ['--origin', 'a+b'], EX.DATAERR, /origin/],
    ['a jurisdiction without a pack', ['--law', 'atlantis'], EX.NOINPUT, /no law pack "atlantis"/],
    ['a chamber that there isn\'t', ['--party', 'x:lords'], EX.DATAERR, /chamber .*government, enterprise, industry, public/],
    ['a party with a slash', ['--party', 'a/b'], EX.DATAERR, /party "a\/b"/],
    ['a party that climbs out of its folder', ['--party', '..'], EX.DATAERR, /party "\.\."/],
    ['a party named twice', ['--party', 'transport'], EX.DATAERR, /named twice/],
    ['a member of no party', ['--member', 'nobody/lin'], EX.DATAERR, /nobody/],
    ['a duty that there isn\'t', ['--member', 'transport/lin:king'], EX.DATAERR, /duty; there are steward, owner, supervisor/],
    ['an option that there isn\'t', ['--colour', 'red'], EX.USAGE, /--colour/],
    ['a word too many', ['stray'], EX.USAGE, /stray/],
];
for (const [what, more, code, pattern] of wrong)
    test(`${what} is refused and no node is made`, (t) => {
        const data = join(temporary(t), 'node');
        const { err } = expect(code, init(data, '--party', 'transport:government:agency:CN', ...more));
        assert.match(err, pattern);
        assert.ok(!existsSync(join(data, 'polder.db')) && !existsSync(join(data, 'database')), 'nothing was founded');
    });

for (const missing of ['data', 'origin', 'law', 'party'])
    test(`without --${missing} the refusal names it`, (t) => {
        const options = { data: join(temporary(t), 'node'), origin: 'data.example.gov', law: 'cn', party: 'transport' };
        const args = Object.entries(options).filter(([k]) => k !== missing).flatMap(([k, v]) => [`--${k}`, v]);
        assert.match(expect(EX.USAGE, ['init', ...args]).err, new RegExp(`--${missing}`));
    });

test('a folder with other things in it is refused and left alone', (t) => {
    const folder = temporary(t);
    write(folder, 'letter.txt', 'Dear reader');
    assert.match(expect(EX.DATAERR, init(folder, '--party', 'transport')).err, /letter\.txt/);
    assert.deepEqual(readdirSync(folder), ['letter.txt']);
});

test('a folder that others may write in is refused, with what to do', (t) => {
    const data = join(temporary(t), 'node');
    mkdirSync(data);
    chmodSync(data, 0o777);
    assert.match(expect(EX.NOPERM, init(data, '--party', 'transport')).err, /chmod 700/);
});
