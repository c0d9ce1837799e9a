// A PostgreSQL server of a test's own, which it may kill and start again. Durable, and asks for a password.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NOBODY = 65534;
const isRoot = process.getuid() === 0;
// initdb refuses root.
const asOther = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : ['env'];
const programs = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql').map((v) => `/usr/lib/postgresql/${v}/bin`).find((p) => existsSync(join(p, 'initdb'))) : null;
export const noServer = programs && spawnSync(asOther[0], [...asOther.slice(1), 'true']).status === 0
    ? false : 'PostgreSQL is not installed';
export const PASSWORD = 'hyacinth-and-tulip';

export class Server {
    constructor() {
        this.folder = mkdtempSync(join(tmpdir(), 'polder-server-'));
        const words = join(this.folder, 'password');
        writeFileSync(words, `${PASSWORD}\n`);
        chmodSync(words, 0o644);
        if (isRoot) chownSync(this.folder, NOBODY, NOBODY);
        this.as('initdb', '-D', this.data, '-U', 'polder', '-A', 'scram-sha-256', '--pwfile', words, '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync');
        this.env = { ...process.env, PGPASSWORD: PASSWORD };
    }

    get data() { return join(this.folder, 'data'); }

    as(program, ...args) {
        const done = spawnSync(asOther[0], [...asOther.slice(1), join(programs, program), ...args], { encoding: 'utf8', cwd: this.folder });
        assert.equal(done.status, 0, done.stdout + done.stderr);
    }

    location(name, user = 'polder') { return `postgresql://${user}@${encodeURIComponent(this.folder)}/${name}`; }

    sql(text, name = 'postgres') {
        const done = spawnSync('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-d', this.location(name)],
            { input: text, encoding: 'utf8', env: this.env, maxBuffer: 1 << 28 });
        assert.equal(done.status, 0, done.stderr);
        return done.stdout.trim();
    }

    async start() {
        this.process = spawn(asOther[0], [...asOther.slice(1), join(programs, 'postgres'), '-D', this.data, '-k', this.folder,
            '-c', 'listen_addresses=', '-c', 'restart_after_crash=off'], { cwd: this.folder, stdio: 'ignore' });
        this.ended = new Promise((done) => this.process.on('exit', done));
        for (let i = 0; i < 600; i++) {
            if (spawnSync('psql', ['-X', '-d', this.location('postgres'), '-c', 'SELECT 1'], { env: this.env }).status === 0) return;
            await new Promise((done) => setTimeout(done, 50));
        }
        throw new Error('PostgreSQL did not start');
    }

    // As by a power cut: nothing is written any more, and the next start recovers from the log.
    async crash() {
        const pid = readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n')[0];
        const children = spawnSync('pgrep', ['-P', pid], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
        for (const one of [pid, ...children])
            try {
                process.kill(Number(one), 'SIGKILL');
            } catch {
                // it ended by itself
            }
        await this.ended;
        rmSync(join(this.data, 'postmaster.pid'), { force: true });
    }

    async stop() {
        this.process.kill('SIGINT');
        await this.ended;
    }

    async remove() {
        await this.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }
}
