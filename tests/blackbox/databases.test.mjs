// Tables of real databases: what is read is what another client reads, at one moment, and nothing is written.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { EX, expect, node, polder, request, run, temporary, write } from './lib.mjs';
import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';

const dump = join(dirname(polder), 'tests', 'source_dump');
const isRoot = process.getuid() === 0;

function stream(location, options = {}) {
    const done = spawnSync(dump, [location], { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
    return { code: done.status, out: done.stdout, err: done.stderr };
}

function read(location, options) {
    const got = stream(location, options);
    assert.equal(got.code, 0, got.err);
    return got.out;
}

function command(program, args, options = {}) {
    const done = spawnSync(program, args, { encoding: 'utf8', ...options });
    assert.equal(done.status, 0, `${program} ${args.join(' ')}\n${done.error ?? ''}${done.stderr}${done.stdout}`);
    return done.stdout;
}

async function until(works, what) {
    for (let i = 0; i < 300; i++) {
        if (works()) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${what} did not start`);
}

// ---- SQLite

function database(folder, name, text) {
    const path = join(folder, name);
    command('sqlite3', [path, text]);
    return path;
}

test('a table of a SQLite file is what the file holds', (t) => {
    const folder = temporary(t);
    const path = database(folder, 'a.db', `
        CREATE TABLE town (id INTEGER PRIMARY KEY, name TEXT, area REAL, code BLOB);
        INSERT INTO town VALUES (1, 'Den Haag, "NL"', 98.12, x'00ff'), (2, '深圳', 1e3, NULL), (9007199254740993, '', -0.5, x'');
        CREATE VIEW big AS SELECT name FROM town WHERE area > 90;`);
    assert.equal(read(`${path}#town`), 'id,name,area,code\n1,"Den Haag, ""NL""",98.12,\\x00ff\n'
        + '2,深圳,1000.0,\n9007199254740993,,-0.5,\\x\n');
    assert.equal(read(`sqlite:${path}#TOWN`), read(`${path}#town`), 'names are compared as SQLite does');
    assert.equal(read(`${path}#big`), 'name\n"Den Haag, ""NL"""\n深圳\n');
    assert.equal(read(`${path}#query=SELECT max(id) AS m FROM town`), 'm\n9007199254740993\n');
});

test('a SQLite file named without a table says which there are', (t) => {
    const folder = temporary(t);
    const path = database(folder, 'a.db', 'CREATE TABLE x (a); CREATE TABLE y (a); INSERT INTO x VALUES (1)');
    assert.match(stream(path).err, /has 2 tables: name one after '#' \(x, y\)/);
    assert.match(stream(`${path}#z`).err, /has no table "z"; it has x, y/);
    const one = database(folder, 'one.db', 'CREATE TABLE x (a); INSERT INTO x VALUES (1)');
    assert.equal(read(one), 'a\n1\n');
});

test('a SQLite file is never written, and a hostile one runs nothing', (t) => {
    const folder = temporary(t);
    const path = database(folder, 'a.db', 'CREATE TABLE x (a); INSERT INTO x VALUES (1)');
    const before = readFileSync(path);
    for (const query of ['DELETE FROM x', 'CREATE TABLE z (a)', "ATTACH '/etc/passwd' AS p", 'PRAGMA user_version = 3',
        "SELECT load_extension('/tmp/x.so')", 'SELECT 1; DELETE FROM x', "SELECT * FROM pragma_table_info('x'); SELECT 1",
        "SELECT writefile('/tmp/x', 'y')", '', 'nonsense'])
        assert.notEqual(stream(`${path}#query=${query}`).code, 0, query);
    assert.deepEqual(readFileSync(path), before);
    assert.deepEqual(readdirSync(folder), ['a.db']);
    // A view of the file's own making may not call what isn't innocuous either.
    const hostile = database(folder, 'h.db', "CREATE TABLE x (a); CREATE VIEW v AS SELECT load_extension('/tmp/x.so')");
    assert.notEqual(stream(`${hostile}#v`).code, 0);
});

test('a SQLite file in WAL mode is read with what is only in its log, or alone', (t) => {
    const folder = temporary(t);
    const path = database(folder, 'w.db', 'PRAGMA journal_mode=WAL; CREATE TABLE x (a); INSERT INTO x VALUES (1)');
    assert.deepEqual(readdirSync(folder), ['w.db'], 'its log was taken in when it was closed');
    assert.equal(read(`${path}#x`), 'a\n1\n');
    assert.deepEqual(readdirSync(folder), ['w.db'], 'and reading made none');
    // A writer that was killed leaves its log.
    const writer = spawnSync('sqlite3', [path, '-cmd', 'PRAGMA wal_autocheckpoint=0',
        'INSERT INTO x VALUES (2)', '.shell kill -9 $PPID'], { encoding: 'utf8' });
    assert.equal(writer.signal, 'SIGKILL');
    assert.ok(readdirSync(folder).includes('w.db-wal'));
    assert.equal(read(`${path}#x`), 'a\n1\n2\n');
});

test('what only looks like a SQLite file is refused', (t) => {
    const folder = temporary(t);
    const path = database(folder, 'a.db', 'CREATE TABLE x (a); INSERT INTO x SELECT value FROM generate_series(1, 5000)');
    const bytes = readFileSync(path);
    const cut = write(folder, 'cut.db', bytes.subarray(0, 6000));
    assert.match(stream(`${cut}#x`).err, /damaged or encrypted/);
    const noise = write(folder, 'noise.db', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(5000, 7)]));
    assert.match(stream(`${noise}#x`).err, /damaged or encrypted/);
    assert.match(stream(`sqlite:${write(folder, 't.csv', 'a,b\n1,2\n')}`).err, /it is text, not a SQLite database/);
    assert.match(stream('-#x', { input: bytes }).err, /can't be read from standard input/);
});

test('every table of a database is inspected; those that can not be are named', (t) => {
    const folder = temporary(t);
    const path = database(folder, 'a.db', `CREATE TABLE x (a, b); INSERT INTO x VALUES (1, 2);
        CREATE TABLE y (c); INSERT INTO y VALUES ('z'); CREATE VIEW broken AS SELECT * FROM nowhere`);
    const got = run(['inspect', path, '--json']);
    const answer = JSON.parse(got.out);
    assert.equal(answer.read, 2);
    assert.equal(answer.failed, 1);
    assert.notEqual(got.code, 0);
    assert.deepEqual(answer.tables.map((table) => table.name), [`${path}#broken`, 'a.db#x', 'a.db#y']);
    assert.match(answer.tables[0].error, /no such table: .*nowhere/);
    assert.equal(answer.tables[1].source.form, 'sqlite');
});

test('the columns of a database have the names that it gives them, whatever they look like', (t) => {
    const path = database(temporary(t), 'a.db', `CREATE TABLE years ("2020" TEXT, "2021" TEXT);
        INSERT INTO years VALUES ('Total for the year', NULL), ('a', 'b'), ('1', '2')`);
    const answer = JSON.parse(expect(EX.OK, ['inspect', path, '--json']).out);
    const reading = (answer.tables?.[0] ?? answer).reading;
    assert.deepEqual(reading.names, ['2020', '2021']);
    assert.equal(reading.inspection.rows, 3);
});

test('a table of a database is governed, and an open intent finds it again', (t) => {
    const { folder, data } = node(t);
    const path = database(folder, 'a.db', `CREATE TABLE x (line, colour, length_km);
        WITH n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59)
        INSERT INTO x SELECT 'L' || (i % 7), CASE i % 3 WHEN 0 THEN 'red' WHEN 1 THEN 'green' ELSE 'blue' END, (i % 11) + 0.5 FROM n;
        CREATE TABLE other (a)`);
    const left = JSON.parse(expect([EX.OK, EX.TEMPFAIL, EX.NOPERM], request(path, data, 'open', '--table', 'x', '--json')).out);
    assert.equal(left.source.part, 'x');
    const dry = expect([EX.OK, EX.TEMPFAIL, EX.NOPERM], ['act', 'resume', left.outcome.intent, '--data', data, '--dry-run', '--json']);
    const again = JSON.parse(dry.out);
    assert.equal(again.source.part, 'x');
    assert.equal(again.case.before.sha256, left.case.before.sha256);
});

// ---- PostgreSQL

const pgbin = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql').map((v) => `/usr/lib/postgresql/${v}/bin`).find((p) => existsSync(join(p, 'initdb'))) : null;
// initdb refuses root.
const asOther = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : ['env'];
const canRunAsOther = spawnSync(asOther[0], [...asOther.slice(1), 'true']).status === 0;
const pg = { skip: pgbin && canRunAsOther ? false : 'PostgreSQL is not installed' };

before(async () => {
    if (pg.skip) return;
    pg.folder = mkdtempSync(join(tmpdir(), 'polder-pg-'));
    if (isRoot) chownSync(pg.folder, 65534, 65534);
    const data = join(pg.folder, 'data');
    writeFileSync(join(pg.folder, 'password'), 'hyacinth\n');
    chmodSync(join(pg.folder, 'password'), 0o644);
    command(asOther[0], [...asOther.slice(1), join(pgbin, 'initdb'), '-D', data, '-U', 'postgres', '-A', 'scram-sha-256',
        '--pwfile', join(pg.folder, 'password'), '-E', 'UTF8', '--locale=C', '--no-sync'], { cwd: pg.folder });
    pg.server = spawn(asOther[0], [...asOther.slice(1), join(pgbin, 'postgres'), '-D', data, '-k', pg.folder, '-c',
        'listen_addresses=', '-c', 'fsync=off'], { cwd: pg.folder, stdio: 'ignore' });
    pg.env = { ...process.env, PGPASSWORD: 'hyacinth' };
    pg.url = (database = 'postgres', user = 'postgres') =>
        `postgresql://${user}@${encodeURIComponent(pg.folder)}/${database}`;
    pg.sql = (text) => command('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-At', '-d', pg.url(), '-c', text], { env: pg.env });
    await until(() => spawnSync('psql', ['-X', '-d', pg.url(), '-c', 'SELECT 1'], { env: pg.env }).status === 0, 'PostgreSQL');
});
after(() => {
    if (pg.server) {
        pg.server.kill('SIGINT');
        pg.server.on('exit', () => rmSync(pg.folder, { recursive: true, force: true }));
    }
});

test('a table of PostgreSQL is read as it is, whatever its types and names', pg, () => {
    pg.sql(`CREATE SCHEMA "odd.one"; CREATE TABLE "odd.one"."Ta""ble" ("select" int, "名字" text);
        INSERT INTO "odd.one"."Ta""ble" VALUES (1, E'two\\nlines, "quoted"'), (NULL, '');
        CREATE TABLE kinds (b bool, n numeric, f float8, d date, ts timestamptz, i interval, y bytea, a int[], j jsonb, u uuid);
        INSERT INTO kinds VALUES (true, 12345678901234567890.10, 0.1, '2021-02-03', '2021-02-03 04:05:06+02', '1 day 2 hours',
            '\\x00ff', '{1,2}', '{"a": 1}', '00000000-0000-0000-0000-000000000001');
        INSERT INTO kinds (b) VALUES (false);
        ALTER DATABASE postgres SET DateStyle = 'SQL, DMY'; ALTER DATABASE postgres SET TimeZone = 'Asia/Shanghai'`);
    assert.equal(read(`${pg.url()}#odd.one.Ta"ble`, { env: pg.env }), 'select,名字\n1,"two\nlines, ""quoted"""\n,\n');
    assert.equal(read(`${pg.url()}#kinds`, { env: pg.env }),
        'b,n,f,d,ts,i,y,a,j,u\ntrue,12345678901234567890.10,0.1,2021-02-03,2021-02-03 02:05:06+00,P1DT2H,\\x00ff,"{1,2}",'
        + '"{""a"": 1}",00000000-0000-0000-0000-000000000001\nfalse,,,,,,,,,\n');
});

test('a query of PostgreSQL is one statement that only reads', pg, () => {
    pg.sql('CREATE TABLE q (a int); INSERT INTO q VALUES (1), (2)');
    assert.equal(read(`${pg.url()}#query=SELECT a, a * 2 AS b FROM q ORDER BY a`, { env: pg.env }), 'a,b\n1,2\n2,4\n');
    assert.equal(read(`${pg.url()}?connect_timeout=9&query=${encodeURIComponent('SELECT 7 AS "&", a FROM q WHERE a = 1')}`, { env: pg.env }),
        '&,a\n7,1\n');
    for (const [query, words] of [['DELETE FROM q RETURNING a', /read-only transaction/], ['SELECT 1; DELETE FROM q', /multiple commands/],
        ['COPY q TO STDOUT', /no table/], ['COMMIT', /no table/], ['SELECT nowhere FROM q', /column "nowhere" does not exist/]]) {
        const got = stream(`${pg.url()}#query=${query}`, { env: pg.env });
        assert.equal(got.code, EX.USAGE, `${query}: ${got.err}`);
        assert.match(got.err, words);
    }
    assert.equal(pg.sql('SELECT count(*) FROM q').trim(), '2');
});

test('PostgreSQL is read at one moment, however long it takes', pg, async () => {
    pg.sql(`CREATE TABLE moving (a int, pad text); INSERT INTO moving SELECT 1, repeat('x', 500) FROM generate_series(1, 100000)`);
    const writer = spawn('psql', ['-X', '-q', '-d', pg.url(), '-c', "SET statement_timeout=0",
        ...Array.from({ length: 20 }, () => ['-c', 'UPDATE moving SET a = a + 1']).flat()], { env: pg.env, stdio: 'ignore' });
    for (let i = 0; i < 3; i++) {
        const got = read(`${pg.url()}#moving`, { env: pg.env });
        const seen = new Set(got.split('\n').slice(1, -1).map((line) => line.split(',')[0]));
        assert.equal(seen.size, 1, 'rows of one moment only');
        assert.equal(got.split('\n').length, 100002);
    }
    writer.kill();
});

test('no right to one table of fifty: the rest is read, and that one is named', pg, () => {
    pg.sql("CREATE ROLE reader LOGIN PASSWORD 'tulip'");
    pg.sql('CREATE DATABASE fifty');
    const fifty = (text) => command('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', pg.url('fifty'), '-c', text], { env: pg.env });
    fifty(Array.from({ length: 50 }, (_, i) => `CREATE TABLE t${i} (a int); INSERT INTO t${i} VALUES (${i});`).join('')
        + 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader; REVOKE ALL ON t17 FROM reader');
    const env = { ...process.env, PGPASSWORD: 'tulip' };
    const got = run(['inspect', pg.url('fifty', 'reader'), '--json'], { env });
    assert.equal(got.code, EX.NOPERM, got.err);
    const answer = JSON.parse(got.out);
    assert.equal(answer.read, 49);
    const failed = answer.tables.filter((table) => table.error);
    assert.equal(failed.length, 1);
    assert.match(failed[0].name, /#public\.t17$/);
    assert.match(failed[0].error, /permission denied for table t17; ask the owner for GRANT SELECT/);
});

test('PostgreSQL that lets nobody in says why, and never says the password', pg, () => {
    const cases = [[pg.url(), { PGPASSWORD: 'wrong-secret' }, EX.NOPERM, /password authentication failed/],
        [pg.url(), { PGPASSWORD: '' }, EX.NOPERM, /asks for a password: put it into PGPASSWORD/],
        [pg.url('nowhere'), pg.env, EX.NOINPUT, /database "nowhere" does not exist/],
        ['postgresql://a@127.0.0.1:1/x', pg.env, EX.UNAVAILABLE, /Connection refused/],
        [`${pg.url()}#nowhere`, pg.env, EX.NOINPUT, /no table "nowhere"/],
        ['postgresql://a@/x?colour=red', pg.env, EX.USAGE, /can't be understood/]];
    for (const [location, env, code, words] of cases) {
        const got = stream(location, { env: { ...process.env, PGPASSFILE: '/dev/null', ...env } });
        assert.equal(got.code, code, got.err);
        assert.match(got.err, words);
        assert.doesNotMatch(got.err, /wrong-secret|hyacinth/);
    }
});

test('a password file serves PostgreSQL as well', pg, (t) => {
    const file = write(temporary(t), 'pgpass', '*:*:*:postgres:hyacinth\n');
    chmodSync(file, 0o600);
    const env = { ...process.env, PGPASSFILE: file };
    assert.equal(read(`${pg.url()}#query=SELECT 1 AS one`, { env }), 'one\n1\n');
});

// ---- ODBC, with MariaDB

const mysqld = ['/usr/sbin/mariadbd', '/usr/sbin/mysqld'].find((p) => existsSync(p));
const driver = ['/usr/lib/x86_64-linux-gnu/odbc/libmaodbc.so', '/usr/lib/aarch64-linux-gnu/odbc/libmaodbc.so'].find((p) => existsSync(p));
const maria = { skip: mysqld && driver && canRunAsOther ? false : 'MariaDB and its ODBC driver are not installed' };

before(async () => {
    if (maria.skip) return;
    maria.folder = mkdtempSync(join(tmpdir(), 'polder-maria-'));
    const data = join(maria.folder, 'data');
    mkdirSync(data);
    if (isRoot) for (const folder of [maria.folder, data]) chownSync(folder, 65534, 65534);
    command(asOther[0], [...asOther.slice(1), 'mariadb-install-db', '--no-defaults', `--datadir=${data}`,
        '--auth-root-authentication-method=normal', '--skip-test-db'], { cwd: maria.folder });
    maria.socket = join(maria.folder, 's');
    maria.server = spawn(asOther[0], [...asOther.slice(1), mysqld, '--no-defaults', `--datadir=${data}`, `--socket=${maria.socket}`,
        '--skip-networking', `--pid-file=${join(maria.folder, 'pid')}`], { cwd: maria.folder, stdio: 'ignore' });
    maria.sql = (text) => command('mariadb', ['--no-defaults', '--default-character-set=utf8mb4', `--socket=${maria.socket}`, '-u', 'root',
        '-N', '-e', text]);
    await until(() => spawnSync('mariadb', ['--no-defaults', `--socket=${maria.socket}`, '-u', 'root', '-e', 'SELECT 1']).status === 0, 'MariaDB');
    maria.sql(`CREATE DATABASE d CHARACTER SET utf8mb4; CREATE USER reader@localhost IDENTIFIED BY 'ro}se';
        GRANT SELECT ON d.* TO reader@localhost`);
    const ini = join(maria.folder, 'odbc.ini');
    writeFileSync(ini, `[towns]\nDriver=${driver}\nSERVER=localhost\nSOCKET=${maria.socket}\nUID=reader\nDATABASE=d\nCHARSET=utf8mb4\n`);
    maria.env = { ...process.env, ODBCINI: ini, ODBCSYSINI: maria.folder, POLDER_ODBC_PASSWORD: 'ro}se' };
});
after(() => {
    if (maria.server) {
        maria.server.kill('SIGTERM');
        maria.server.on('exit', () => rmSync(maria.folder, { recursive: true, force: true }));
    }
});

test('a table by ODBC is read as it is, whatever its types and names', maria, () => {
    maria.sql("CREATE TABLE d.`or``der` (a INT, b VARCHAR(100), c DECIMAL(30,2), e DATETIME, f VARBINARY(9), g LONGTEXT, h DATE);"
        + "INSERT INTO d.`or``der` VALUES (1, '深圳, \"\u{1F600}\"', 12345678901234567890.10, '2021-02-03 04:05:06', x'00ff', REPEAT('é', 20000), '2021-02-03'),"
        + "(NULL, '', NULL, NULL, NULL, NULL, NULL)");
    assert.equal(read('odbc:towns#or`der', { env: maria.env }), 'a,b,c,e,f,g,h\n'
        + `1,"深圳, ""\u{1F600}""",12345678901234567890.10,2021-02-03 04:05:06,\\x00ff,${'é'.repeat(20000)},2021-02-03\n,,,,,,\n`);
    assert.equal(read('odbc:towns#d.or`der', { env: maria.env }), read('odbc:towns#or`der', { env: maria.env }));
});

test('a query by ODBC only reads', maria, () => {
    maria.sql('CREATE TABLE d.q (a INT); INSERT INTO d.q VALUES (1), (2)');
    assert.equal(read('odbc:towns#query=SELECT SUM(a) AS s FROM q', { env: maria.env }), 's\n3\n');
    for (const query of ['DELETE FROM q', 'SELECT 1; DELETE FROM q', 'CALL x()', ''])
        assert.notEqual(stream(`odbc:towns#query=${query}`, { env: maria.env }).code, 0, query);
    assert.equal(maria.sql('SELECT COUNT(*) FROM d.q').trim(), '2');
});

test('ODBC that lets nobody in says why, and never says the password', maria, () => {
    const cases = [['odbc:towns#q', { POLDER_ODBC_PASSWORD: 'wrong-secret' }, EX.NOPERM, /Access denied/],
        ['odbc:nowhere#q', {}, EX.NOINPUT, /Data source name not found/],
        ['odbc:towns#nowhere', {}, EX.NOINPUT, /doesn't exist/]];
    for (const [location, env, code, words] of cases) {
        const got = stream(location, { env: { ...maria.env, ...env } });
        assert.equal(got.code, code, got.err);
        assert.match(got.err, words);
        assert.doesNotMatch(got.err, /wrong-secret|ro}se/);
    }
});

test('the tables of an ODBC source are listed and inspected', maria, () => {
    maria.sql('CREATE OR REPLACE TABLE d.zz (a INT); INSERT INTO d.zz VALUES (1)');
    const answer = JSON.parse(run(['inspect', 'odbc:towns', '--json'], { env: maria.env }).out);
    assert.ok(answer.tables.some((table) => table.name === 'towns#zz' && table.source.form === 'odbc'), JSON.stringify(answer).slice(0, 500));
});
