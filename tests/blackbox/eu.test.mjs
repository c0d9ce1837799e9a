// A node under the law of the European Union: founding it, and governing files by it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, personsTable, plainTable, request, temporary, whole, write } from './lib.mjs';

function found(t) {
    const folder = temporary(t), data = join(folder, 'node');
    expect(EX.OK, ['init', '--data', data, '--origin', 'data.example.eu', '--law', 'eu',
        '--party', 'transport:government:state_organ:NL', '--member', 'transport/lin:steward']);
    return { folder, data };
}

test('a node of the Union says which country its parties are in', (t) => {
    const data = join(temporary(t), 'node');
    const { err } = expect(EX.USAGE, ['init', '--data', data, '--origin', 'data.example.eu', '--law', 'eu', '--party', 'transport']);
    assert.match(err, /transport:government:state_organ:NL/);
});

test('a table about nobody is published on the steward\'s signature alone', (t) => {
    const { folder, data } = found(t);
    const answer = JSON.parse(expect(EX.OK, request(write(folder, 'lines.csv', plainTable()), data, 'open', '--yes', '--json')).out);
    assert.equal(answer.outcome.result, 'done');
    assert.deepEqual(answer.case.attests.map((a) => [a.fact, a.value]), [['is_personal', false]]);
    assert.match(JSON.stringify(answer), /eu\.odd\.5\.duty/);
    whole(data);
});

test('a table of persons is not published as it is, and articles of the regulation say why', (t) => {
    const { folder, data } = found(t);
    const { out } = expect([EX.OK, EX.TEMPFAIL, EX.NOPERM],
        request(write(folder, 'persons.csv', personsTable()), data, 'open', '--dry-run'));
    for (const article of [/eu\.gdpr\.6:/, /eu\.gdpr\.9:/, /eu\.gdpr\.35:/, /node\.release\.k/]) assert.match(out, article);
});
