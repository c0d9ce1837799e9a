// Parquet: what Polder reads of a file is what DuckDB reads of it, or it says why not; what it can't trust it refuses.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'node:test';
import { EX, expect, node, plainTable, polder, request, run, temporary } from './lib.mjs';

const dump = join(dirname(polder), 'tests', 'source_dump');
const folder = join(process.env.POLDER_SHARED_DATA ?? resolve('../shared/data'), 'forms', 'parquet');
const skipShared = existsSync(folder) ? false : `${folder} is not there`;
let duckdb = null;
try {
    duckdb = createRequire(join(resolve('tests'), 'package.json'))('@duckdb/node-api');
} catch { /* the tests that compare with it are skipped */ }
const skipDuckdb = duckdb ? false : 'the npm package @duckdb/node-api is not installed';

async function connect() {
    const instance = await duckdb.DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
}

const rowsOf = async (connection, sql) => (await connection.runAndReadAll(sql)).getRowsJS();
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
const named = (text) => `"${text.replaceAll('"', '""')}"`;

function stream(location, input = undefined) {
    const done = spawnSync(dump, [location], { maxBuffer: 1 << 30, input });
    return { code: done.status, out: done.stdout.toString(), err: done.stderr.toString() };
}

// RFC 4180, written again.
function parseCsv(text) {
    const rows = [];
    let row = [], cell = '', isQuoted = false;
    for (let i = 0; i < text.length; i++) {
        const c = text[i];
        if (isQuoted && c === '"' && text[i + 1] === '"') cell += text[++i];
        else if (c === '"') isQuoted = !isQuoted;
        else if (!isQuoted && (c === ',' || c === '\n')) {
            row.push(cell);
            cell = '';
            if (c === '\n') { rows.push(row); row = []; }
        } else cell += c;
    }
    return rows;
}

// ---- What others wrote

// Of what is refused: why. Nested, or damaged in a way that can be seen: DuckDB, which checks no checksum, reads two of these.
const refused = {
    'bad_data__ARROW-GH-41321': /column "list_boolean" is nested/,
    'bad_data__ARROW-GH-45185': /column "x" is nested/,
    'bad_data__ARROW-GH-47662': /column "flba_field", row group 1: a page has fewer values than it says/,
    'bad_data__ARROW-RS-GH-6229-LEVELS': /column "outer" is nested/,
    'data__datapage_v1-corrupt-checksum': /column "a", row group 1: the checksum of a page is wrong/,
    'data__datapage_v2.snappy': /column "e" is nested/,
    'data__incorrect_map_schema': /column "my_map" is nested/,
    'data__nested_lists.snappy': /column "a" is nested/,
    'data__nested_maps.snappy': /column "a" is nested/,
    'data__nonnullable.impala': /column "Int_Array" is nested/,
    'data__null_list': /column "emptylist" is nested/,
    'data__nulls.snappy': /column "b_struct" is nested/,
    'data__old_list_structure': /column "a" is nested/,
    'data__rle-dict-uncompressed-corrupt-checksum': /column "binary_field", row group 1: the checksum of a page is wrong/,
};
// What DuckDB (1.5) can't read itself.
const alone = new Set(['data__byte_stream_split_extended.gzip', 'data__hadoop_lz4_compressed', 'data__int96_from_spark']);

const files = skipShared ? [] : readdirSync(folder).map((name) => name.replace(/\.parquet$/, ''));

for (const name of files.filter((name) => !refused[name] && !alone.has(name)))
    test(`${name} gives the cells that DuckDB finds`, { skip: skipDuckdb }, async () => {
        const file = join(folder, `${name}.parquet`), connection = await connect();
        const columns = await rowsOf(connection, `DESCRIBE SELECT * FROM read_parquet(${quoted(file)})`);
        // Bytes stand as they are, if all of a column are text, or as hexadecimal digits.
        const isBytes = columns.map(([, type]) => type === 'BLOB');
        const cells = columns.map(([column], i) => isBytes[i] ? `lower(hex(${named(column)}))` : `CAST(${named(column)} AS VARCHAR)`);
        const rows = await rowsOf(connection, `SELECT ${cells.join(', ')} FROM read_parquet(${quoted(file)})`);
        const got = stream(file);
        assert.equal(got.code, 0, got.err);
        const [header, ...mine] = parseCsv(got.out);
        assert.deepEqual(header, columns.map(([column]) => column));
        const plain = mine.map((row) => row.map((cell, i) =>
            !isBytes[i] ? cell : cell.startsWith('\\x') ? cell.slice(2) : Buffer.from(cell).toString('hex')));
        // What is no number has a sign there.
        assert.deepEqual(plain, rows.map((row) => row.map((cell) => cell === '-nan' ? 'nan' : cell ?? '')));
    });

for (const name of files.filter((name) => refused[name]))
    test(`${name} is refused with what is wrong`, () => {
        const got = run(['inspect', join(folder, `${name}.parquet`)]);
        assert.match(got.err, refused[name]);
        assert.ok([EX.DATAERR, EX.CONFIG].includes(got.code), `${got.code}`);
    });

test('what DuckDB does not read: every column that is split into streams says what its plain twin says', { skip: skipShared }, () => {
    const [header, ...rows] = parseCsv(stream(join(folder, 'data__byte_stream_split_extended.gzip.parquet')).out);
    const twins = header.map((name, i) => [i, header.indexOf(name.replace(/_plain$/, '_byte_stream_split'))])
        .filter(([plain]) => header[plain].endsWith('_plain'));
    assert.equal(twins.length, 7);
    assert.equal(rows.length, 200);
    for (const row of rows) for (const [plain, split] of twins) assert.equal(row[plain], row[split], header[plain]);
});

test('moments of 96 bits reach beyond those of 64 bits of nanoseconds', { skip: skipShared }, () => {
    const cells = parseCsv(stream(join(folder, 'data__int96_from_spark.parquet')).out).map(([cell]) => cell);
    assert.deepEqual(cells.slice(0, 6),
        ['a', '2024-01-01 20:34:56.123456', '2024-01-01 01:00:00', '9999-12-31 03:00:00', '2024-12-30 23:00:00', '']);
    assert.match(cells[6], /^\+\d+-\d\d-\d\d /, 'what its writer made of a year that it could not hold');
});

test('LZ4 in the frames of Hadoop is read', { skip: skipShared }, () => {
    const [header, ...rows] = parseCsv(stream(join(folder, 'data__hadoop_lz4_compressed.parquet')).out);
    assert.deepEqual(header, ['c0', 'c1', 'v11']);
    assert.deepEqual(rows.map(([, name, value]) => `${name} ${value}`), ['abc 42.0', 'def 7.7', 'abc 42.125', 'def 7.7']);
});

// ---- What DuckDB writes, in every way it knows

const TABLE = `SELECT i AS id,
    CASE WHEN i % 7 = 3 THEN NULL ELSE '居民 ' || (i * 7919 % 1000) || CASE WHEN i % 50 = 0 THEN ', "quoted"' || chr(10) || 'line' ELSE '' END END AS name,
    CASE WHEN i % 11 = 0 THEN NULL ELSE ['北京', 'Oslo', 'Reykjavík', '上海'][1 + i % 4] END AS town,
    (i * 37 % 256 - 128)::TINYINT AS tiny, (i * 7 % 256)::UTINYINT AS utiny, (i * 997 % 60000 - 30000)::SMALLINT AS small,
    (i * 997 % 60000)::USMALLINT AS usmall, (i * 104729 - 5000000)::INTEGER AS whole, (i::UBIGINT * 104729)::UINTEGER AS uwhole,
    i * 1000000007 * CASE WHEN i % 2 = 0 THEN -1 ELSE 1 END AS large, (18446744073709551615 - i)::UBIGINT AS ularge,
    (i / 8)::FLOAT AS single, sqrt(i) AS root, i / 100 AS cents, 10::DOUBLE ** (i % 40 - 20) AS power,
    (i / 100)::DECIMAL(4, 2) AS dec4, (i / -100)::DECIMAL(9, 2) AS dec9, (i * 12345.678)::DECIMAL(18, 3) AS dec18, (i * 98765.4321)::DECIMAL(38, 10) AS dec38,
    i % 3 = 0 AS truth, CASE WHEN i % 5 = 0 THEN NULL ELSE i % 2 = 0 END AS maybe,
    DATE '1969-01-01' + (i * 31)::INTEGER AS day, TIME '00:00:00' + to_microseconds(i * 86399000) AS clock,
    TIMESTAMP '1955-03-04 05:06:07' + to_microseconds(i * 123456789012) AS moment,
    (TIMESTAMP '1955-03-04 05:06:07.25' + to_microseconds(i * 3600000000))::TIMESTAMP_MS AS moment_ms,
    ('1999-12-31 23:59:59.123456' || lpad((i % 1000)::VARCHAR, 3, '0'))::TIMESTAMP_NS AS moment_ns,
    (TIMESTAMP '2000-01-01' + to_seconds(i * 1000))::TIMESTAMPTZ AS zoned,
    (lpad(hex(i), 8, '0') || '-0000-4000-8000-00000000abcd')::UUID AS uuid,
    CASE WHEN i < 0 THEN 'x' END AS nothing, 'constant' AS constant,
    ('{"a": ' || i || '}')::JSON AS json, ['red', 'green', 'blue'][1 + i % 3]::ENUM('red', 'green', 'blue') AS colour
    FROM range(ROWS) t(i)`;

async function twins(t, rows, options) {
    const connection = await connect(), place = temporary(t), parquet = join(place, 'table.parquet'), csv = join(place, 'table.csv');
    await connection.run(`CREATE TABLE t AS ${TABLE.replace('ROWS', rows)}`);
    await connection.run(`COPY t TO ${quoted(csv)} (FORMAT csv, HEADER)`);
    await connection.run(`COPY t TO ${quoted(parquet)} (FORMAT parquet${options ? `, ${options}` : ''})`);
    return { connection, place, parquet, csv };
}

const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'LZ4', 'LZ4_RAW'];
for (const [rows, options] of [...CODECS.map((codec) => [5000, `COMPRESSION ${codec}`]),
    ...['UNCOMPRESSED', 'SNAPPY', 'ZSTD'].map((codec) => [5000, `COMPRESSION ${codec}, PARQUET_VERSION V2`]),
    [5000, 'DICTIONARY_SIZE_LIMIT 1, PARQUET_VERSION V2'], [5000, 'DICTIONARY_SIZE_LIMIT 1'], [9999, 'ROW_GROUP_SIZE 2048'],
    [1, ''], [0, '']])
    test(`${rows} rows that DuckDB writes with "${options}" give the report of their CSV twin`, { skip: skipDuckdb }, async (t) => {
        const { parquet, csv } = await twins(t, rows, options);
        const got = stream(parquet);
        assert.equal(got.code, 0, got.err);
        assert.deepEqual(parseCsv(got.out), parseCsv(readFileSync(csv, 'utf8')));
        const report = (file, ...more) => JSON.parse(expect(EX.OK, ['inspect', '--json', ...more, file]).out);
        const mine = report(parquet, '--deep'), theirs = report(csv, '--deep', '--header=1');
        assert.deepEqual(mine.reading.names, theirs.reading.names);
        assert.deepEqual(mine.reading.inspection, theirs.reading.inspection);
        assert.equal(typeof mine.reading.deep, rows > 0 ? 'object' : typeof theirs.reading.deep);
        assert.deepEqual(mine.reading.deep, theirs.reading.deep);
    });

test('a Parquet file is read by its bytes, through standard input and within other forms', { skip: skipDuckdb }, async (t) => {
    const { place, parquet } = await twins(t, 300, '');
    const bytes = readFileSync(parquet), plain = stream(parquet);
    assert.equal(stream('-', bytes).out, plain.out);
    writeFileSync(join(place, 'a.gz'), gzipSync(bytes));
    assert.equal(stream(join(place, 'a.gz')).out, plain.out);
    writeFileSync(join(place, 'a.csv'), bytes);
    const misnamed = stream(join(place, 'a.csv'));
    assert.equal(misnamed.out, plain.out);
    assert.match(misnamed.err, /Its name ends in \.csv, but it is a Parquet file/);
    assert.match(stream(`${parquet}#part`).err, /it has no column "part"; it has id, name, town, /);
    expect(EX.OK, ['detect', parquet]);
});

test('text that is none, in columns that say so, is refused by column and row; elsewhere bytes are digits', { skip: skipDuckdb }, async (t) => {
    const connection = await connect(), place = temporary(t), file = join(place, 'a.parquet');
    await connection.run(`COPY (SELECT CASE WHEN i = 2999 THEN '\\xFF\\xFE'::BLOB ELSE 'text'::BLOB END AS b, 'fine'::BLOB AS c FROM range(3000) t(i)) TO ${quoted(file)} (FORMAT parquet, DICTIONARY_SIZE_LIMIT 1)`);
    const got = stream(file);
    assert.match(got.err, /The column "b" holds bytes.*hexadecimal/);
    assert.match(got.err, /The column "c" holds bytes.*all of them are text/);
    const rows = parseCsv(got.out);
    assert.deepEqual([rows[1], rows[3000]], [['\\x74657874', 'fine'], ['\\xfffe', 'fine']]);
    await connection.run(`COPY (SELECT CASE WHEN i = 2999 THEN 'a' || chr(0) || 'b' ELSE 'text' || i END AS b FROM range(3000) t(i)) TO ${quoted(file)} (FORMAT parquet, DICTIONARY_SIZE_LIMIT 1)`);
    assert.match(expect(EX.DATAERR, ['inspect', file]).err, /column "b", in row 3000: its text is not UTF-8, or holds a zero byte/);
});

test('whatever is cut off or changed in a file ends in a table or a sentence', { skip: skipDuckdb }, async (t) => {
    const { place, parquet } = await twins(t, 400, 'COMPRESSION ZSTD, PARQUET_VERSION V2');
    const bytes = readFileSync(parquet), file = join(place, 'b.parquet');
    const look = (changed, what) => {
        writeFileSync(file, changed);
        const got = stream(file);
        assert.ok([EX.OK, EX.DATAERR, EX.CONFIG, EX.UNAVAILABLE].includes(got.code), `${what}: ${got.code} ${got.err}`);
        assert.doesNotMatch(got.err, /made the reader|ended \(exit/, what);
    };
    for (let i = 1; i < 30; i++) look(bytes.subarray(0, Math.floor(bytes.length * i / 30)), `cut at ${i}/30`);
    let seed = 1;
    for (let i = 0; i < 150; i++) {
        const changed = Buffer.from(bytes);
        for (let k = 0; k <= i % 3; k++) {
            seed = (seed * 1103515245 + 12345) % 2147483648;
            // Most of what can go wrong stands at the end.
            const at = i % 2 ? bytes.length - 1 - seed % 3000 : seed % bytes.length;
            changed[at] ^= 1 << (seed >> 16) % 8;
        }
        look(changed, `change ${i}`);
    }
});

test('columns and rows that are wanted are read, and no others', { skip: skipDuckdb }, async (t) => {
    const { connection, parquet } = await twins(t, 9999, 'ROW_GROUP_SIZE 2048');
    const cells = (part) => parseCsv(stream(`${parquet}#${part}`).out);
    assert.deepEqual(cells('town,id;id=5000..5002'), [['town', 'id'], ['北京', '5000'], ['Oslo', '5001'], ['Reykjavík', '5002']]);
    assert.equal(cells(';id=5000..5001')[0].length, 32);
    for (const [column, least, most] of [['id', '9990', ''], ['id', '', '7'], ['small', '-100', '200.5'], ['large', '-5000000000', ''],
        ['dec9', '-1.25', '0'], ['root', '98.7', '98.71'], ['power', '', '1e-18'], ['ularge', '18446744073709551610', ''],
        ['day', '1970-01-01', '1970-12-31'], ['moment', '2000-01-01', '2000-02-01'], ['zoned', '', '2000-01-02'], ['town', 'P', 'S'],
        ['town', '上', ''], ['truth', 'true', ''], ['maybe', 'false', 'false'], ['nothing', 'a', ''], ['clock', '12:00:00', '12:30:00']]) {
        const type = (await rowsOf(connection, `SELECT typeof(${named(column)}) FROM t LIMIT 1`))[0][0];
        const bounds = [[least, '>='], [most, '<=']].filter(([bound]) => bound).map(([bound, how]) =>
            `${named(column)} ${how} CAST(${quoted(bound)} AS ${/INT/.test(type) ? 'DECIMAL(38, 4)' : type})`);
        const wanted = await rowsOf(connection, `SELECT CAST(${named(column)} AS VARCHAR) FROM t WHERE ${bounds.join(' AND ')} ORDER BY id`);
        const got = cells(`${column};${column}=${least}..${most}`).slice(1);
        assert.deepEqual(got, wanted, `${column} ${least}..${most}`);
    }
    assert.match(stream(`${parquet}#id;town=a..b`).err, /must be among the columns/);
    assert.match(stream(`${parquet}#;dec38=1e..`).err, /column "dec38" holds numbers, and a bound is none/);
    assert.match(stream(`${parquet}#id;id=5`).err, /COLUMN=LEAST\.\.MOST/);
    // What isn't wanted may be damaged: the first row group, in which statistics say that there are no such rows.
    const bytes = readFileSync(parquet);
    bytes.fill(0xff, 8, 2000);
    writeFileSync(parquet, bytes);
    assert.notEqual(stream(parquet).code, 0);
    assert.deepEqual(cells('id;id=8500..8501'), [['id'], ['8500'], ['8501']]);
    const report = JSON.parse(expect(EX.OK, ['inspect', '--json', `${parquet}#id,town;id=8000..`]).out);
    assert.deepEqual([report.source.part, report.reading.inspection.rows, report.reading.names], ['id,town;id=8000..', 1999, ['id', 'town']]);
});

// ---- What Polder writes

for (const codec of ['zstd', 'snappy', 'gzip', 'lz4', 'none'])
    test(`a table that is written as Parquet with ${codec} is read by DuckDB, cell for cell, and comes back as it was`, { skip: skipDuckdb }, async (t) => {
        const place = temporary(t), csv = join(place, 'a.csv'), parquet = join(place, 'a.parquet'), again = join(place, 'again.csv');
        writeFileSync(csv, run(['demo', 'table', 'residents', '--rows', '3000', '--seed', '5', '--language', 'zh']).out);
        expect(EX.OK, ['table', 'convert', csv, '--out', parquet, '--compression', codec]);
        const connection = await connect();
        const types = Object.fromEntries((await rowsOf(connection, `DESCRIBE SELECT * FROM read_parquet(${quoted(parquet)})`)).map(([name, type]) => [name, type]));
        assert.deepEqual([types['姓名'], types['出生日期'], types['户内人数']], ['VARCHAR', 'DATE', 'BIGINT']);
        const rows = await rowsOf(connection, `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet(${quoted(parquet)})`);
        assert.deepEqual(rows.map((row) => row.map((cell) => cell ?? '')), parseCsv(readFileSync(csv, 'utf8')).slice(1));
        expect(EX.OK, ['table', 'convert', parquet, '--out', again]);
        assert.equal(readFileSync(again, 'utf8'), readFileSync(csv, 'utf8'));
    });

test('what DuckDB wrote, written again, is the same to DuckDB, least and greatest values too', { skip: skipDuckdb }, async (t) => {
    const { connection, place, parquet } = await twins(t, 5000, ''), mine = join(place, 'mine.parquet');
    const said = JSON.parse(expect(EX.OK, ['table', 'convert', '--json', parquet, '--out', mine]).out);
    assert.equal(said.rows, 5000);
    const type = Object.fromEntries(said.columns.map((column) => [column.name, column.type]));
    assert.deepEqual(['id', 'town', 'root', 'dec9', 'truth', 'day', 'clock', 'moment', 'moment_ns', 'zoned', 'uuid', 'ularge'].map((name) => type[name]),
        ['integer', 'text', 'double', 'decimal', 'boolean', 'date', 'time', 'timestamp', 'text', 'timestamp', 'uuid', 'text']);
    const cells = `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet(`;
    assert.deepEqual(await rowsOf(connection, `${cells}${quoted(mine)})`), await rowsOf(connection, `${cells}${quoted(parquet)})`));
    const statistics = await rowsOf(connection, `SELECT path_in_schema, stats_min_value, stats_max_value, stats_null_count FROM parquet_metadata(${quoted(mine)})`);
    for (const [name, least, most, missing] of statistics.filter(([name]) => ['id', 'town', 'day', 'whole', 'dec9', 'maybe'].includes(name))) {
        const [[low, high, none]] = await rowsOf(connection, `SELECT CAST(min(${named(name)}) AS VARCHAR), CAST(max(${named(name)}) AS VARCHAR), count(*) - count(${named(name)}) FROM t`);
        assert.deepEqual([least, most, Number(missing)], [low, high, Number(none)], name);
    }
});

test('converting writes over nothing, leaves nothing half written, and tells what it left out', (t) => {
    const place = temporary(t), csv = join(place, 'a.csv'), out = join(place, 'a.parquet');
    writeFileSync(csv, 'a,b,a\n1,x,2\n3\n4,y,5\n');
    const first = expect(EX.OK, ['table', 'convert', csv, '--out', out]);
    assert.match(first.err, /1 rows with another number of fields.*first is at line 3/);
    assert.equal(stream(out).out, 'a,b,a_2\n1,x,2\n4,y,5\n');
    assert.match(expect(EX.USAGE, ['table', 'convert', csv, '--out', out]).err, /is there already/);
    assert.match(expect(EX.USAGE, ['table', 'convert', csv, '--out', join(place, 'b.parquet'), '--compression', 'lzo']).err, /zstd, snappy, gzip, lz4 or none/);
    writeFileSync(csv, 'a\n"never closed\n');
    expect(EX.DATAERR, ['table', 'convert', csv, '--out', join(place, 'b.parquet')]);
    assert.deepEqual(readdirSync(place).sort(), ['a.csv', 'a.parquet']);
    assert.match(expect(EX.USAGE, ['table', 'convert', csv, '--out', join(place, 'b.json')]).err, /parquet or csv/);
    assert.match(expect(EX.USAGE, ['table', 'convert', out, '--out', join(place, 'b.csv'), '--separator', 'tab']).err, /it is a Parquet file: nothing can be said/);
    writeFileSync(csv, JSON.stringify([{ n: 1, w: 'x' }, { w: 'y', z: true }]));
    expect(EX.OK, ['table', 'convert', csv, '--out', join(place, 'c.parquet')]);
    assert.equal(stream(join(place, 'c.parquet')).out, 'n,w,z\n1,x,\n,y,true\n');
});

test('a Parquet file is governed as its CSV twin is', (t) => {
    const { folder, data } = node(t), csv = join(folder, 'a.csv'), parquet = join(folder, 'a.parquet');
    writeFileSync(csv, plainTable(30));
    expect(EX.OK, ['table', 'convert', csv, '--out', parquet]);
    const [plain, columns] = [csv, parquet].map((file) => JSON.parse(run([...request(file, data, 'open', '--dry-run', '--json')]).out));
    assert.equal(columns.source.form, 'parquet');
    assert.deepEqual([columns.case.expected, columns.case.before.sha256, columns.case.before.inspection],
        [plain.case.expected, plain.case.before.sha256, plain.case.before.inspection]);
    assert.equal(columns.case.expected, 'done');
    expect(EX.OK, [...request(parquet, data, 'open', '--yes')]);
});
