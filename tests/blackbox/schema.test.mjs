// docs/reference/inspection.schema.json describes what polder inspect --json prints: all of it, and nothing else.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { EX, expect, personsTable, plainTable, run, temporary, write } from './lib.mjs';

const SHARED = process.env.POLDER_SHARED_DATA ?? resolve('..', 'shared', 'data');
const schema = JSON.parse(readFileSync(resolve('docs', 'reference', 'inspection.schema.json'), 'utf8'));
const require = createRequire(resolve('tests', 'package.json'));
let Ajv = null;
try {
    Ajv = require('ajv/dist/2020');
} catch {
    // npm did not answer when the peers were installed
}
const skip = Ajv ? false : 'ajv is not installed (script/bootstrap --npm)';

// Every schema in it that is given members, with its place.
function* objects(node, place = '#') {
    if (!node || typeof node !== 'object') return;
    if (node.properties) yield [place, node];
    for (const [key, value] of Object.entries(node)) yield* objects(value, `${place}/${key}`);
}

// A member may be added within a version, so the schema allows it; here each one must be described.
function validator() {
    const closed = structuredClone(schema);
    for (const [, node] of objects(closed)) node.additionalProperties = false;
    const ajv = new Ajv.default({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true,
        formats: { date: /^\d{4}-\d\d-\d\d$/ } });
    assert.ok(ajv.validateSchema(schema), 'it is a schema of draft 2020-12');
    return ajv.compile(closed);
}

function check(valid, answer, what) {
    assert.ok(valid(answer), `${what}: ${JSON.stringify(valid.errors?.filter((e) => e.keyword !== 'oneOf').slice(0, 5), null, 1)}`);
}

const inspected = (...args) => JSON.parse(expect([EX.OK, EX.DATAERR], ['inspect', ...args, '--json']).out);

test('every member of the schema is described, and required members are members', () => {
    for (const [place, node] of objects(schema)) {
        for (const [name, member] of Object.entries(node.properties)) {
            const target = member.$ref ? schema.$defs[member.$ref.split('/').at(-1)] : member.oneOf?.[0].$ref
                ? schema.$defs[member.oneOf[0].$ref.split('/').at(-1)] : member;
            assert.ok((member.description ?? target?.description)?.length > 3, `${place}: ${name} is not described`);
        }
        for (const name of node.required ?? []) assert.ok(node.properties[name], `${place}: ${name} is required and unknown`);
    }
});

test('answers for tables of every kind are as the schema says', { skip }, (t) => {
    const folder = temporary(t), valid = validator();
    const days = Array.from({ length: 40 }, (_, i) => new Date(Date.UTC(2024, 0, 1 + i + (i > 20 ? 3 : 0))).toISOString().slice(0, 10));
    const tables = {
        'persons.csv': personsTable(), 'plain.csv': plainTable(), 'empty.csv': 'a,b\n', 'one.csv': 'a\n\n1\n',
        'odd.csv': 'Title\n\na;b;c\n1;2;3\n1;2\n1;2;3;;\nn/a;x;4\nNote: so it is\n',
        'kinds.csv': ['day,moment,time,flag,sum,text', ...days.map((d, i) =>
            `${d},${d}T10:00:0${i % 10}Z,0${i % 10}:30,${i % 2 ? 'yes' : 'no'},${i}.5e${i % 3},The quick fox ${'and so on '.repeat(i % 2 ? 1 : 20)}`)].join('\n'),
        'wide.csv': `${Array.from({ length: 300 }, (_, i) => `c${i}`).join(',')}\n${Array.from({ length: 300 }, (_, i) => i).join(',')}\n`,
        'many.csv': ['n,w', ...Array.from({ length: 9000 }, (_, i) => `${(i * 7919) % 8009},w${i}`)].join('\n'),
        'records.json': '{"rows":[{"a":1,"b":null},{"a":2.5,"c":"x"}]}', 'lines.jsonl': '{"a":1}\n{"a":2}\n',
        'huge.csv': 'n\n1e300\n1e-300\n0.5\n', 'words.csv': 'w\nNULL\nn/a\n',
    };
    const sketches = [];
    mkdirSync(join(folder, 'in'));
    for (const [name, text] of Object.entries(tables)) {
        const path = write(join(folder, 'in'), name, text);
        for (const more of [[], ['--values'], ['--deep']]) check(valid, inspected(path, ...more), `${name} ${more}`);
    }
    const path = write(folder, 'part.csv', personsTable(30));
    expect(EX.OK, ['inspect', path, '--sketch', join(folder, 'sketch')]);
    sketches.push(join(folder, 'sketch'), join(folder, 'sketch'));
    check(valid, inspected('--merge', ...sketches, '--values'), 'merged sketches');
    write(join(folder, 'in'), 'bad.csv', 'a,b\n"');
    const several = inspected(join(folder, 'in'), '--values');
    assert.ok(several.tables.some((table) => table.error) && several.tables.some((table) => table.reading));
    check(valid, several, 'a folder');
});

test('a changed answer is no longer as the schema says', { skip }, (t) => {
    const valid = validator();
    const answer = inspected(write(temporary(t), 'persons.csv', personsTable()), '--values');
    const change = [(a) => { a.polder = 2; }, (a) => { delete a.reading.sha256; }, (a) => { a.reading.more = 1; },
        (a) => { a.reading.inspection.columns[0].role = 'owner'; }, (a) => { a.reading.inspection.rows = -1; },
        (a) => { a.reading.inspection.columns[1].top[0].count = '3'; }, (a) => { a.reading.inspection.grade.proposed = false; },
        (a) => { a.error = 'both'; }];
    for (const damage of change) {
        const damaged = structuredClone(answer);
        damage(damaged);
        assert.ok(!valid(damaged), damage.toString());
    }
});

test('answers for real tables are as the schema says', { skip: skip || (existsSync(SHARED) ? false : `${SHARED} is absent`) }, () => {
    const valid = validator();
    const files = ['catalogue/csv', 'privacy/frictionless'].map((f) => join(SHARED, f)).filter(existsSync).flatMap((folder) =>
        readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile() && e.name.endsWith('.csv'))
            .map((e) => join(e.parentPath ?? e.path, e.name)));
    assert.ok(files.length > 50);
    for (const file of files) {
        const got = run(['inspect', file, '--json', '--values']);
        if (got.code === EX.OK) check(valid, JSON.parse(got.out), file);
    }
});
