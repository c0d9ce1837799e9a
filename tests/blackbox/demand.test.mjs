// Demands: what somebody needs is looked for in the catalogue, and where nothing fits it is owed an answer, in public.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, node, plainTable, refused, run, sql, stored, temporary, whole, write } from './lib.mjs';

const json = (code, args) => JSON.parse(expect(code, [...args, '--json']).out);
const WHO = { transport: 'lin', health: 'zhao', acme: 'steward' };
const as = (party) => ['--party', party, '--member', WHO[party]];
const publish = (folder, data, title, table, ...more) => expect(EX.OK, ['govern', write(folder, `${title}.csv`, table), '--data', data, ...as('transport'),
    '--title', title, '--for', 'open', '--purpose', 'statistics', '--basis', 'public_task', '--yes', ...more]);
const match = (data, need, ...more) => json(EX.OK, ['demand', 'match', '--data', data, '--need', need, ...more]).matches;
const demand = (data, need, ...more) => ['demand', '--data', data, ...as('acme'), '--need', need, '--for', 'planning of routes', '--how-often', 'monthly', ...more];
const show = (data, id, ...more) => json(EX.OK, ['demand', 'show', id, '--data', data, ...more]).demands[0];
const list = (data, ...more) => json(EX.OK, ['demand', 'list', '--data', data, ...more]).demands;
const answer = (data, id, text) => expect(EX.OK, ['case', 'answer', id, '--data', data, '--party', 'transport', '--member', 'wang', '--key',
    join(data, 'keys/transport.key'), '--text', text]);

function catalogue(t) {
    const { folder, data } = node(t);
    publish(folder, data, 'Colours of railway lines', plainTable());
    publish(folder, data, '公交站点', plainTable(), '--language', 'zh');
    publish(folder, data, 'Enterprises', `uscc,capital,scope\n${Array.from({ length: 40 }, (_, i) => `x${i},${i},shop`).join('\n')}\n`);
    publish(folder, data, 'Permits', `permit_id,issued_on,colour\n${Array.from({ length: 40 }, (_, i) => `x${i},2024-01-0${1 + i % 9},red`).join('\n')}\n`);
    return { folder, data };
}

test('a need is matched with titles, names of columns and what standards call them, in two languages', (t) => {
    const { data } = catalogue(t);
    const first = (need, ...more) => match(data, need, ...more)[0];
    assert.deepEqual(Object.values(first('the colours of railways').title), ['Colours of railway lines']);
    assert.deepEqual(Object.values(first('公交站点的位置').title), ['公交站点']);
    // A column's name, and what a standard calls that column.
    assert.deepEqual(first('length_km').matched, [{ term: 'length', in: 'columns' }, { term: 'km', in: 'columns' }]);
    const dates = first('许可决定日期');
    assert.deepEqual(Object.values(dates.title), ['Permits']);
    assert.ok(dates.matched.some((w) => w.in === 'terms'), JSON.stringify(dates.matched));
    assert.equal(dates.finding, null, 'nobody asks');
    const partly = first('railway tariffs and fares of each line');
    assert.equal(partly.fits, false);
    assert.deepEqual([partly.matched.map((w) => w.term), partly.missing], [['railway', 'line'], ['tariff', 'fare']]);
    assert.deepEqual(match(data, 'fish'), []);
    assert.deepEqual(match(data, '的'), []);
    const mine = first('colours of railways', '--party', 'acme');
    assert.equal(mine.finding.outcome, 'permit');
    assert.equal(first('colours of railways', '--party', 'transport').own, true);
    refused(data, EX.USAGE, ['demand', 'match', '--data', data, '--need', ''], /1 to 2000 bytes/);
    refused(data, EX.USAGE, ['demand', 'match', '--data', data, '--need', 'x'.repeat(2001)], /1 to 2000 bytes/);
    refused(data, EX.NOINPUT, ['demand', 'match', '--data', data, '--need', 'lines', '--party', 'nobody'], /no party "nobody"/);
});

test('what is held or shared with others is found by nobody else', (t) => {
    const { folder, data } = node(t);
    expect(EX.OK, ['govern', write(folder, 's.csv', plainTable()), '--data', data, ...as('transport'), '--title', 'Secret sightings', '--for', 'store',
        '--purpose', 'x', '--basis', 'public_task', '--yes']);
    assert.deepEqual(match(data, 'sightings'), []);
    assert.deepEqual(match(data, 'sightings', '--party', 'acme'), []);
    assert.equal(match(data, 'sightings', '--party', 'transport').length, 1);
});

test('what fits is told instead of demanded; where it is not right, or nothing fits, it is owed an answer', (t) => {
    const { data } = catalogue(t);
    refused(data, EX.TEMPFAIL, demand(data, 'colours of railway lines'), /"Colours of railway lines" of "transport".*100%.*--none-fits/);
    const anyway = json(EX.OK, demand(data, 'colours of railway lines', '--none-fits'));
    assert.equal(show(data, anyway.demand).responsible, 'transport', 'who holds what comes nearest');
    // Nothing comes near, and this node has no coordinating authority.
    refused(data, EX.USAGE, demand(data, 'fish'), /no coordinating authority.*--to/);
    const done = json(EX.OK, demand(data, 'fish in the bay', '--to', 'transport'));
    const d = show(data, done.demand);
    assert.deepEqual([d.state, d.overdue, d.party, d.responsible, d.how_often, d.sealed, d.readable, d.need, d.purpose, d.backers],
        ['raised', false, 'acme', 'transport', 'monthly', false, true, 'fish in the bay', 'planning of routes', []]);
    assert.deepEqual([d.clocks[0].policy, d.clocks[0].state], ['cn.ogi.33.duty', 'due']);
    // It is a case, with its thread.
    const c = json(EX.OK, ['case', 'show', done.demand, '--data', data]);
    assert.deepEqual([c.kind, c.thread[0].text], ['demand', 'fish in the bay\n\nFor: planning of routes\nHow often: monthly']);
    assert.ok(!stored(data).includes('fish in the bay'), 'its words are sealed in the store, so that they can be erased');
    answer(data, done.demand, 'here they are');
    assert.deepEqual([show(data, done.demand).state, show(data, done.demand).answers[0].text], ['answered', 'here they are']);
    assert.match(run(['demand', 'show', done.demand, '--data', data]).out, /answer by transport.*here they are/);
    whole(data);
});

test('others back a demand, each once, as long as it is not decided', (t) => {
    const { data } = node(t);
    const { demand: id } = json(EX.OK, demand(data, 'fish', '--to', 'transport'));
    const { demand: other } = json(EX.OK, demand(data, 'birds', '--to', 'transport'));
    const back = (party, which = id, ...more) => ['demand', 'back', which, '--data', data, ...as(party), ...more];
    const done = json(EX.OK, back('health', other, '--key', join(data, 'keys/health.key')));
    assert.equal(done.outcome.log.name, 'restricted');
    assert.deepEqual(list(data).map((d) => d.need), ['birds', 'fish'], 'backed ones come first');
    assert.deepEqual(show(data, other).backers.map((b) => b.party), ['health']);
    refused(data, EX.TEMPFAIL, back('health', other), /backs this demand already/);
    refused(data, EX.TEMPFAIL, back('acme'), /raised this demand itself/);
    refused(data, EX.NOPERM, back('health', id, '--key', join(data, 'keys/acme.key')), /not the one registered/);
    refused(data, EX.NOINPUT, back('health', '01900000-0000-7000-8000-000000000000'), /no demand/);
    refused(data, EX.NOINPUT, ['demand', 'back', id, '--data', data, '--party', 'health', '--member', 'nobody'], /no member "nobody"/);
    answer(data, id, 'no fish');
    refused(data, EX.TEMPFAIL, back('health'), /is answered.*can't be backed/);
    whole(data);
});

test('a sealed demand: everybody sees that it is there and until when, nobody else the words, until it is answered', (t) => {
    const { data } = node(t);
    const { demand: id } = json(EX.OK, demand(data, 'fish', '--to', 'transport', '--sealed'));
    for (const [more, words] of [[[], ''], [['--party', 'health'], ''], [['--party', 'acme'], 'fish'], [['--party', 'transport'], 'fish']]) {
        const d = show(data, id, ...more);
        assert.deepEqual([d.need, d.readable, d.responsible, d.clocks.length], [words, words !== '', 'transport', 1]);
    }
    refused(data, EX.NOPERM, ['demand', 'back', id, '--data', data, ...as('health')], /sealed until it is answered/);
    assert.match(run(['demand', 'list', '--data', data]).out, /sealed until it is answered/);
    answer(data, id, 'here');
    assert.equal(show(data, id).need, 'fish');
});

test('an overdue demand says so to everybody, and comes first', (t) => {
    const data = join(temporary(t), 'node');
    expect(EX.OK, ['init', '--data', data, '--origin', 'test.polder.example', '--law', 'cn', '--party', 'transport', '--party', 'acme:enterprise:company',
        '--member', 'acme/steward']);
    const { demand: late } = json(EX.OK, demand(data, 'fish', '--to', 'transport', '--sealed'));
    json(EX.OK, demand(data, 'birds', '--to', 'transport'));
    const day = 86400000000;
    // Time doesn't pass in a test: the clock's term ended yesterday.
    sql(data, `UPDATE clock SET due_at = ${Date.now() * 1000 - day} WHERE act_id = (SELECT act_id FROM demand WHERE id = '${late}')`);
    assert.deepEqual(list(data).map((d) => [d.demand === late, d.overdue, d.need]), [[true, true, ''], [false, false, 'birds']]);
});

test('wrong words are refused, each with the option to mend', (t) => {
    const { data } = node(t);
    const with_ = (...more) => ['demand', '--data', data, ...as('acme'), '--to', 'transport', ...more];
    refused(data, EX.USAGE, with_('--need', '', '--for', 'x', '--how-often', 'once'), /what is needed must be 1 to 2000 bytes/);
    refused(data, EX.USAGE, with_('--need', 'x', '--for', '', '--how-often', 'once'), /what it is for must be 1 to 1000 bytes/);
    refused(data, EX.USAGE, with_('--need', 'x', '--for', 'y', '--how-often', 'often'), /"often" doesn't say how often: there are once, live/);
    refused(data, EX.NOINPUT, ['demand', '--data', data, ...as('acme'), '--to', 'nobody', '--need', 'x', '--for', 'y', '--how-often', 'once'], /no party "nobody"/);
    refused(data, EX.USAGE, ['demand', '--data', data, ...as('acme')], /--need/);
});
