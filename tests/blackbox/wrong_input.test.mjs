// Wrong input gets a sentence with the place and what to do, the right exit code, and leaves the node as before.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, closeSync, copyFileSync, cpSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { EX, actCount, atEnd, expect, node, plainTable, polder, refused, request, run, sql, temporary, whole, write } from './lib.mjs';

const isRoot = process.getuid() === 0;
const asNobody = isRoot && spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'true']).status === 0;

// ---- Files that can't be governed

const bad = [
    ['that is empty', 'empty.csv', '', EX.DATAERR, /empty\.csv.*(empty|no bytes|0 bytes)/s],
    ['with a header only', 'header.csv', 'a,b,c\n', EX.DATAERR, /header\.csv.*row/s],
    ['that is binary', 'binary.csv', Buffer.from([0x8a, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0xff, 0xd8]),
        EX.DATAERR, /binary\.csv.*line 1\b.*(UTF-8|NUL|binary)/s],
    ['that is a picture', 'picture.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0xff, 0xd8]),
        EX.CONFIG, /picture\.csv.*a picture, not a table/s],
    ['with truncated UTF-8', 'cut.csv', Buffer.concat([Buffer.from('name,town\nli,'), Buffer.from('深圳').subarray(0, 5)]),
        EX.DATAERR, /cut\.csv.*line 2\b.*UTF-8/s],
    ['with a NUL byte', 'nul.csv', 'a,b\n1,2\n3,\u00004\n', EX.DATAERR, /nul\.csv.*line 3\b.*NUL/s],
    ['in an encoding that nobody can tell', 'odd.csv', Buffer.from('a,b\n1,\xff\xfe\xff\n', 'latin1'),
        EX.DATAERR, /odd\.csv.*line 2\b.*UTF-8.*--encoding/s],
    ['in two encodings', 'mixed.csv', Buffer.from('a,b\n1,caf\xe9\n2,caf\xc3\xa9\n', 'latin1'),
        EX.DATAERR, /mixed\.csv.*mixes encodings: line 2 is not UTF-8.*line 3 is/s],
    ['with a key twice in a record', 'twice.json', '[{"a":1},\n{"a":1,"a":2}]', EX.DATAERR, /twice\.json.*line 2, column 8.*twice/s],
    ['of JSON that is cut off', 'cut.json', '[{"a":1},\n{"a":', EX.DATAERR, /cut\.json.*line 2.*ends within/s],
    ['of JSON nested too deep', 'deep.json', `{"a":${'['.repeat(100000)}`, EX.DATAERR, /deep\.json.*nested deeper than 64/s],
    ['with a quote that never closes', 'quote.csv', 'a,b\n1,"2\n3,4\n', EX.DATAERR, /quote\.csv.*line 2\b.*quot/s],
    ['of 100,000 columns', 'wide.csv', `${Array.from({ length: 100000 }, (_, i) => `c${i}`).join(',')}\n${'1,'.repeat(99999)}1\n`,
        EX.DATAERR, /wide\.csv.*20,?000/s],
];
for (const [what, name, content, code, pattern] of bad)
    test(`a file ${what} is refused`, (t) => {
        const { folder, data } = node(t);
        refused(data, code, request(write(folder, name, content), data, 'open', '--yes'), pattern);
        if (name !== 'header.csv') // which may be looked at, though there is nothing to govern
            assert.match(expect(code, ['inspect', join(folder, name)]).err, pattern);
    });

test('a file that is not there is refused', (t) => {
    const { folder, data } = node(t);
    refused(data, EX.NOINPUT, request(join(folder, 'nowhere.csv'), data, 'open', '--yes'), /nowhere\.csv/);
});

test('a directory is refused', (t) => {
    const { folder, data } = node(t);
    mkdirSync(join(folder, 'tables'));
    refused(data, EX.DATAERR, request(join(folder, 'tables'), data, 'open', '--yes'), /folder .*tables holds no file/s);
});

test('a file that may not be read is refused', { skip: isRoot && !asNobody ? 'root reads everything' : false }, (t) => {
    const folder = temporary(t);
    const file = write(folder, 'closed.csv', plainTable());
    chmodSync(folder, 0o755);
    chmodSync(file, 0o000);
    const options = isRoot ? { program: 'setpriv' } : {};
    const args = isRoot ? ['--reuid=65534', '--regid=65534', '--clear-groups', copyOfProgram(folder), 'inspect', file] : ['inspect', file];
    const got = run(args, options);
    assert.equal(got.code, EX.NOPERM, got.err);
    assert.match(got.err, /closed\.csv/);
});

// Another user may not be let into the build folder.
function copyOfProgram(folder) {
    const copy = join(folder, 'polder');
    copyFileSync(polder, copy);
    chmodSync(copy, 0o755);
    return copy;
}

// ---- What is large but fine

test('a cell of 10 MB is read and governed', (t) => {
    const { folder, data } = node(t);
    const rows = plainTable().trim().split('\n').map((line, i) => `${line},${i === 5 ? `"${'word '.repeat(2 << 20).trim()}"` : i ? 'short' : 'note'}`);
    const file = write(folder, 'large.csv', rows.join('\n') + '\n');
    const { reading } = JSON.parse(expect(EX.OK, ['inspect', file, '--json']).out);
    assert.equal(reading.inspection.columns[3].max_length, 5 * (2 << 20) - 1);
    expect(EX.OK, request(file, data, 'open', '--yes'));
    whole(data);
});

test('a table of 5,000 columns is read', (t) => {
    const folder = temporary(t);
    const row = (f) => Array.from({ length: 5000 }, (_, i) => f(i)).join(',');
    const file = write(folder, 'wide.csv', `${row((i) => `c${i}`)}\n${row((i) => i)}\n${row((i) => i + 1)}\n`);
    const { reading } = JSON.parse(expect(EX.OK, ['inspect', file, '--json']).out);
    assert.equal(reading.inspection.columns.length, 5000);
});

// ---- Rules

const law = resolve('law');
function rules(t, name, policy) {
    const folder = join(temporary(t), 'law');
    cpSync(law, folder, { recursive: true });
    writeFileSync(join(folder, 'node', name), policy);
    return folder;
}
const head = (id) => `@id("${id}")\n@law("Rules of the node")\n@article("x")\n@jurisdiction("node")\n@title("T")\n@title_zh("题")\n@source("s")\n@v("the node's own")\n`;

test('a policy that does not parse is refused with line, column and a caret, and no node is founded on it', (t) => {
    const broken = rules(t, 'broken.cedar', `${head('node.broken')}forbid (principal, action, resource)\nwhen { context.f has x &&& true };\n`);
    const { err } = expect(EX.DATAERR, ['law', 'decide', '--for', 'open', '--law-dir', broken]);
    assert.match(err, /broken\.cedar:10:\d+: /);
    assert.match(err, /when \{ context\.f has x &&& true \};\n\s*\^/);
    const data = join(temporary(t), 'node');
    const args = ['init', '--data', data, '--origin', 'data.example.gov', '--law', 'cn', '--party', 'p', '--law-dir', broken];
    assert.match(expect(EX.DATAERR, args).err, /broken\.cedar:10:/);
    expect(EX.NOINPUT, ['ledger', 'verify', '--data', data]);
});

const teleport = `${head('node.strange.duty')}@obligation("teleport(quasi)")\npermit (principal, action == Polder::Action::"open", resource);\n`;

test('rules with an obligation that the program does not know are refused whole', (t) => {
    const strange = rules(t, 'strange.cedar', teleport);
    const pattern = /node\/strange\.cedar:9:1: @obligation: there is no obligation `teleport`/;
    assert.match(expect(EX.DATAERR, ['law', 'decide', '--for', 'open', '--law-dir', strange]).err, pattern);
    assert.match(expect(EX.DATAERR, ['law', 'check', strange]).err, pattern);
    const data = join(temporary(t), 'node');
    assert.match(expect(EX.DATAERR, ['init', '--data', data, '--origin', 'data.example.gov', '--law', 'cn', '--party', 'p',
        '--law-dir', strange]).err, pattern);
    expect(EX.NOINPUT, ['ledger', 'verify', '--data', data]);
});

// Puts changed rules in force at a node, behind its back: as another version of the program left them.
function putInForce(data, change) {
    const files = JSON.parse(sql(data, 'SELECT files FROM rules'));
    change(files);
    const text = JSON.stringify(Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))));
    const id = createHash('sha256').update(text).digest('hex');
    sql(data, `INSERT INTO rules SELECT '${id}', '${text.replaceAll("'", "''")}', in_force_at + 1 FROM rules`);
}

test('a node whose rules in force hold an unknown obligation denies, names it and publishes nothing', (t) => {
    const { folder, data } = node(t);
    putInForce(data, (files) => { files['node/strange.cedar'] = teleport; });
    const got = expect(EX.NOPERM, request(write(folder, 'plain.csv', plainTable()), data, 'open', '--yes'));
    assert.match(got.out, /teleport/);
    assert.match(got.out, /node\.strange\.duty/);
    assert.deepEqual(readdirSync(join(data, 'open')), []);
});

test('a node that was founded without the schema, and with types that it would refuse, still opens', (t) => {
    const { folder, data } = node(t);
    putInForce(data, (files) => {
        delete files['polder.cedarschema'];
        files['node/lax.cedar'] = `${head('node.lax')}forbid (principal, action == Polder::Action::"share", resource) when { context.now == 1 };\n`;
    });
    expect(EX.OK, request(write(folder, 'plain.csv', plainTable()), data, 'store', '--yes'));
});

test('a policy that asks for a fact nobody registered is refused', (t) => {
    const odd = rules(t, 'odd.cedar', `${head('node.odd')}forbid (principal, action, resource) unless { context.f has shoe_size && context.f.shoe_size > 3 };\n`);
    assert.match(expect(EX.DATAERR, ['law', 'decide', '--for', 'open', '--law-dir', odd]).err, /odd\.cedar:9:\d+: .*shoe_size/s);
});

// ---- Names, facts, options

const wrong = [
    ['a party that there isn\'t', (a) => a.map((x) => (x === 'transport' ? 'fishery' : x)), EX.NOINPUT, /fishery.*acme.*health.*transport/s],
    ['a member that there isn\'t', (a) => a.map((x) => (x === 'lin' ? 'nobody' : x)), EX.NOINPUT, /nobody.*lin/s],
    ['a recipient that there isn\'t', (a) => [...a.map((x) => (x === 'open' ? 'share' : x)), '--recipient', 'fishery'], EX.NOINPUT, /fishery/],
    ['a verb that there isn\'t', (a) => a.map((x) => (x === 'open' ? 'frame' : x)), EX.USAGE, /frame.*open.*share.*store/s],
    ['an empty title', (a) => a.map((x) => (x === 'A table' ? '' : x)), EX.USAGE, /title/],
    ['a title of 501 bytes', (a) => a.map((x) => (x === 'A table' ? 'x'.repeat(501) : x)), EX.USAGE, /title/],
    ['a basis that there isn\'t', (a) => a.map((x) => (x === 'public_task' ? 'whim' : x)), EX.DATAERR, /whim/],
    ['a fact that there isn\'t', (a) => [...a, '--fact', 'shoe_size=3'], EX.DATAERR, /shoe_size/],
    ['a fact of another type', (a) => [...a, '--fact', 'is_secret=perhaps'], EX.DATAERR, /is_secret/],
    ['a fact without a value', (a) => [...a, '--fact', 'is_secret'], EX.USAGE, /NAME=VALUE/],
    ['a fact declared twice', (a) => [...a, '--fact', 'is_secret=true', '--fact', 'is_secret=false'], EX.USAGE, /declared twice/],
    ['an option that there isn\'t', (a) => [...a, '--publsih'], EX.USAGE, /--publsih/],
    ['no file', (a) => ['govern', ...a.slice(2)], EX.USAGE, /PLACE/],
];
for (const [what, change, code, pattern] of wrong)
    test(`${what} is refused by name`, (t) => {
        const { folder, data } = node(t);
        const args = change(request(write(folder, 'plain.csv', plainTable()), data, 'open', '--yes'));
        refused(data, code, args, pattern);
    });

test('a command that there isn\'t is refused with the nearest one', () => {
    assert.match(expect(EX.USAGE, ['govren']).err, /govren.*govern/s);
});

test('an answer that can\'t be written is an error', { skip: process.platform !== 'linux' }, () => {
    const full = openSync('/dev/full', 'w');
    const got = run(['law', 'decide', '--for', 'open', '--facts'], { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    assert.equal(got.code, EX.IOERR);
    assert.match(got.err, /^polder: /);
});

// ---- The data folder

test('a data folder of a newer Polder is refused by every command, with both versions', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'plain.csv', plainTable());
    sql(data, 'INSERT INTO schema_version (version, applied_at) VALUES (9000, 0)');
    for (const args of [request(file, data, 'open', '--yes'), request(file, data, 'open', '--dry-run'), ['ledger', 'verify', '--data', data],
        ['ledger', 'show', '--data', data]])
        assert.match(expect(EX.CONFIG, args).err, /newer Polder.*9000/s);
    sql(data, 'DELETE FROM schema_version WHERE version = 9000');
    assert.equal(actCount(data), 1);
    whole(data);
});

test('a folder without a node is refused, with the command that makes one', (t) => {
    const folder = temporary(t);
    assert.match(expect(EX.NOINPUT, ['ledger', 'verify', '--data', join(folder, 'none')]).err, /polder init/);
    assert.match(expect(EX.NOINPUT, ['ledger', 'verify', '--data', folder]).err, /polder init/);
});

test('a second writer is refused and told who holds the folder; readers work', async (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'plain.csv', plainTable());
    // A writer that waits for its standard input holds the lock.
    const writer = spawn(polder, request('-', data, 'open', '--yes'), { stdio: ['pipe', 'ignore', 'ignore'] });
    atEnd(t, () => writer.kill('SIGKILL')); // it would wait for ever if this test fails
    const ended = new Promise((done) => writer.on('exit', done));
    writer.stdin.write('line,colour\n');
    for (let i = 0; i < 600 && !readFileSync(join(data, 'lock'), 'utf8').includes(`process ${writer.pid}`); i++)
        await new Promise((done) => setTimeout(done, 50));
    const got = run(request(file, data, 'open', '--yes'));
    assert.equal(got.code, EX.TEMPFAIL, got.err);
    assert.match(got.err, new RegExp(`in use by polder govern, process ${writer.pid}\\b`));
    whole(data);
    expect(EX.OK, request(file, data, 'open', '--dry-run'));
    writer.stdin.end(plainTable().slice('line,colour\n'.length));
    await ended;
    expect(EX.OK, request(file, data, 'open', '--yes'));
});

// ---- A full disk

function smallDisk(t) {
    let disk = null;
    const folder = join(temporary(t), 'disk');
    atEnd(t, () => disk && spawnSync('umount', ['-l', disk]));
    mkdirSync(folder);
    if (isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', folder]).status === 0) disk = folder;
    return disk;
}

test('a full disk is an error, and once there is room the node is as before and works', (t) => {
    const disk = smallDisk(t);
    if (!disk) return t.skip('needs the right to mount');
    const data = join(disk, 'node');
    expect(EX.OK, ['init', '--data', data, '--origin', 'data.example.gov', '--law', 'cn', '--party', 'transport', '--member', 'lin:steward']);
    const folder = temporary(t);
    const file = write(folder, 'plain.csv', plainTable(40000));
    const before = actCount(data);
    const ballast = join(disk, 'ballast');
    const fd = openSync(ballast, 'w');
    try {
        for (;;) writeSync(fd, Buffer.alloc(4096));
    } catch (error) {
        assert.equal(error.code, 'ENOSPC');
    }
    closeSync(fd);
    const got = expect(EX.IOERR, request(file, data, 'open', '--yes'));
    assert.match(got.err, /space|full/i);
    writeFileSync(ballast, '');
    assert.equal(actCount(data), before);
    whole(data);
    expect(EX.OK, request(write(folder, 'small.csv', plainTable(60)), data, 'open', '--yes'));
    whole(data);
});

test('a limit on file sizes is an error, and the node is as before', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'plain.csv', plainTable(60000));
    const before = actCount(data);
    const got = run(['-c', 'ulimit -f 400; exec "$0" "$@"', polder, ...request(file, data, 'open', '--yes')], { program: 'sh' });
    assert.equal(got.code, EX.IOERR, got.err);
    assert.match(got.err, /^polder: /m);
    assert.equal(actCount(data), before);
    assert.deepEqual(readdirSync(join(data, 'open')), []);
    whole(data);
});

test('bytes that are neither what their name promises nor text are refused by what the name promised', (t) => {
    const folder = temporary(t);
    const noise = Buffer.from(Array.from({ length: 900 }, (_, i) => (i * i * 31 + i * 7 + 3) % 256));
    for (const [name, form] of [['a.xlsx', 'an Excel workbook'], ['a.xls', 'an Excel 97-2003 workbook'], ['a.ods', 'an OpenDocument spreadsheet'],
        ['a.zip', 'a ZIP archive'], ['a.gz', 'a file compressed with gzip'], ['a.parquet', 'a Parquet file'], ['a.sqlite', 'a SQLite database'],
        ['a.docx', 'a Word document'], ['a.pdf', 'a PDF document']]) {
        writeFileSync(join(folder, name), noise);
        assert.match(expect(EX.DATAERR, ['inspect', join(folder, name)]).err, new RegExp(`its name ends in .* but it holds neither ${form}`), name);
    }
    for (const name of ['a.csv', 'a.json', 'a', 'a.txt']) {
        writeFileSync(join(folder, name), noise);
        const said = expect(EX.DATAERR, ['inspect', join(folder, name)]).err;
        assert.doesNotMatch(said, /\(\)|""|: :|\( /, 'no empty place in the sentence');
    }
    // Text under the name of a workbook is what many offices have: it is read, and told.
    for (const text of ['a;b\n1;2\n', Buffer.from('d0d5c3fb2cb5d8d6b70ad5c5c8fd2cb1b1beA9'.replaceAll('A', 'a') + '0a', 'hex')]) {
        writeFileSync(join(folder, 'export.xls'), text);
        assert.match(expect(EX.OK, ['inspect', join(folder, 'export.xls')]).out, /Its name ends in \.xls, but it is text/);
    }
});

test('the first word of commands lists them, and a word that is wrong gets the nearest', () => {
    for (const word of ['key', 'witness', 'ledger', 'law']) {
        const { out } = expect(EX.OK, [word, '--help']);
        const listed = [...out.matchAll(/^ {2}([a-z]+ [a-z]+) /gm)].map(([, name]) => name);
        assert.ok(listed.length > 0 && listed.every((name) => name.startsWith(`${word} `)), out);
        assert.equal(expect(EX.USAGE, [word]).out, out);
    }
    assert.match(expect(EX.OK, ['erase', '--help']).out, /^See also polder erase agree, polder erase withdraw$/m);
    for (const [args, says] of [[['key', 'rotat'], /no command "key rotat"; did you mean "key rotate"\? \(see polder key --help\)/],
        [['verfy'], /no command "verfy"; did you mean "verify"\? \(see polder --help\)/],
        [['witness', 'serv'], /did you mean "witness serve"/], [['xyzzy'], /no command "xyzzy" \(see polder --help\)/]])
        assert.match(expect(EX.USAGE, args).err, says);
});
