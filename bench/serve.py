"""polder serve under load, beside nginx: bench/serve.sh BUILD runs it. Needs wrk and nginx (script/bootstrap --bench).

A node is founded, a table published, and served; each figure is taken by wrk from the same machine. Where the figure is of one
core each, the server is pinned to one and wrk to another. Prints what, figure, remark."""
import atexit, contextlib, json, os, pathlib, re, resource, shutil, signal, socket, subprocess, sys, tempfile, threading, time
import urllib.error, urllib.request

SECONDS = int(os.environ.get("SECONDS_EACH", "5"))
MEMORY_SECONDS = int(os.environ.get("MEMORY_SECONDS", "30"))
IDLE = int(os.environ.get("IDLE", "10000"))
ROUNDS = 3
PARTS = set(os.environ.get("PARTS", "cache acts pages slow idle memory").split())
HERE = pathlib.Path(__file__).parent
CHUNK_OF_IDLE = 500
TITLE = "Lines of public transport: " + ", ".join(f"line {i} from the harbour to the hills" for i in range(1, 10))  # so that its JSON has 1 KiB


def say(what, figure, remark=""):
    print(f"{what:<66} {figure:>12}   {remark}", flush=True)


def polder(*args, **more):
    return subprocess.run([PROGRAM, *args], check=True, capture_output=True, text=True, **more).stdout


# ---- The node

def found(folder):
    node, table = folder / "node", folder / "lines.csv"
    table.write_text("line,colour,length_km\n" + "".join(f"L{i % 7},red,{i % 11}.5\n" for i in range(60)))
    polder("init", "--data", node, "--origin", "bench.polder.example", "--law", "cn", "--party", "transport", "--party",
           "acme:enterprise:company", "--member", "transport/lin:steward", "--member", "acme/steward:steward")
    polder("govern", table, "--data", node, "--party", "transport", "--member", "lin", "--title",
           TITLE, "--for", "open", "--purpose",
           "statistics", "--basis", "public_task", "--yes")
    return node


def token(node, member, *scopes):
    polder("account", "invite", member, "--data", node)
    out = polder("token", "create", member, "--data", node, "--title", "bench", *[w for s in scopes for w in ("--scope", s)])
    return re.search(r"polder_[A-Za-z0-9_-]{43}", out)[0]


@contextlib.contextmanager
def serving(node, core=None):
    pin = ["taskset", "-c", str(core)] if core is not None else []
    server = subprocess.Popen([*pin, PROGRAM, "serve", "--data", node, "--listen", "127.0.0.1:0", "--rate", "0", "--address-connections", "0",
                               "--quiet"], stdout=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://127.0.0.1:(\d+)/", server.stdout.readline())
        yield server, int(address[1])
    finally:
        server.terminate()
        began = time.monotonic()
        code = server.wait(60)
        if code != 0 or time.monotonic() - began > 15:
            say("  the server's end", f"code {code}", f"after {time.monotonic() - began:.1f} s")


def cpu_seconds(server):
    fields = pathlib.Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(port, path, body=None, headers={}, method=None):
    question = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, headers=headers, method=method)
    with urllib.request.urlopen(question, timeout=300) as answer:
        return answer.read()


# ---- wrk

class Load:
    def __init__(self, port, path, clients, core=None, seconds=None, method="GET", headers={}, body=None):
        pin = ["taskset", "-c", str(core)] if core is not None else []
        environment = dict(os.environ, REQUEST_METHOD=method, REQUEST_PATH=path,
                           REQUEST_HEADERS="\n".join(f"{k}: {v}" for k, v in headers.items()))
        if body is not None:
            environment["REQUEST_BODY"] = body
        self.wrk = subprocess.Popen([*pin, "wrk", "-t1", f"-c{clients}", f"-d{seconds or SECONDS}s", "--timeout", "30s", "-s",
                                     HERE / "serve.lua", f"http://127.0.0.1:{port}/"], stdout=subprocess.PIPE, text=True, env=environment)

    def figures(self):
        out = self.wrk.communicate()[0]
        found = re.search(r"FIGURES (.*)", out)
        if not found:
            raise SystemExit(f"wrk said: {out}")
        n, us, p50, p99, most, wrong, broken = map(int, found[1].split())
        if wrong or broken:
            say("  answers that weren't right", f"{wrong}", f"and {broken} that didn't come")
        return {"rate": n / us * 1e6, "p50": p50 / 1000, "p99": p99 / 1000, "max": most / 1000, "count": n}


# ---- The figures

def cache_beside_nginx(node, folder, dataset):
    best = {}
    with serving(node, core=0) as (_, port):
        path = f"/api/v1/datasets/{dataset}"
        body = ask(port, path)
        with nginx(folder, body) as other:
            for _ in range(ROUNDS):
                for name, where, asked in (("polder", port, path), ("nginx", other, "/dataset.json")):
                    rate = Load(where, asked, 64, core=1).figures()["rate"]
                    best[name] = max(best.get(name, 0), rate)
    say("GET of a dataset's JSON from the cache, requests/s", f"{best['polder']:,.0f}", f"{len(body)} bytes; 64 clients, one core each")
    say("  nginx, one worker, the same bytes from a file", f"{best['nginx']:,.0f}", f"polder / nginx = {best['polder'] / best['nginx']:.2f} (wanted: 1)")


@contextlib.contextmanager
def nginx(folder, body):
    root = folder / "nginx"
    root.mkdir(exist_ok=True)
    (root / "dataset.json").write_bytes(body)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    root.chmod(0o755), folder.chmod(0o755)
    (root / "nginx.conf").write_text(f"""
worker_processes 1; daemon off; pid {root}/pid; error_log {root}/error.log;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000; sendfile on; tcp_nopush on; types {{ application/json json; }}
  open_file_cache max=100 inactive=60s; client_body_temp_path {root}/b; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f;
  uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
  server {{ listen 127.0.0.1:{port}; root {root}; }} }}
""")
    server = subprocess.Popen(["taskset", "-c", "0", "nginx", "-p", root, "-c", root / "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def acts(node):
    secret = token(node, "acme/steward", "raise_case", "read_catalogue")
    body = json.dumps({"kind": "demand", "responsible": "transport", "subject": "demand {n}", "facts": {"request_complete": "true"}})
    with serving(node) as (server, port):
        before = cpu_seconds(server)
        f = Load(port, "/api/v1/cases", 64, method="POST", body=body,
                 headers={"Content-Type": "application/json", "Authorization": f"Bearer {secret}"}).figures()
        cost = (cpu_seconds(server) - before) / f["count"] * 1e6
    say("Acts durably committed over HTTP, with receipt, acts/s", f"{f['rate']:,.0f}",
        f"64 clients, wrk on the same cores; p99 {f['p99']:.0f} ms, {cost:.0f} us of the processor each (wanted: 5,000)")


def pages(node, dataset):
    with serving(node) as (_, port):
        for what, path in (("Page of a dataset, made anew", f"/en/datasets/{dataset}?n={{n}}"), ("Home page, made anew", "/en?n={n}"),
                           ("Catalogue searched, made anew", "/en/datasets?search=lines&n={n}"), ("Page of a dataset, from the cache", f"/en/datasets/{dataset}")):
            f = Load(port, path, 4).figures()
            say(f"{what}: p99, ms", f"{f['p99']:.1f}", f"4 clients; median {f['p50']:.1f}, {f['rate']:,.0f}/s (wanted: 20)")


def persons(rows):
    lines = ["resident_id,sex,birth_date,district,trips"]
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    for i in range(rows):
        year, month, day = 1912 + i * 7 % 18, 1 + i * 5 % 12, 1 + i * 3 % 28
        digits = f"{'440303' if i % 2 else '440305'}{year}{month:02}{day:02}{900 + i % 99}"
        check = "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights)) % 11]
        lines.append(f"{digits}{check},{'female' if i % 2 else 'male'},{year}-{month:02}-{day:02},{'Luohu' if i % 4 < 2 else 'Nanshan'},{i % 9}")
    return ("\n".join(lines) + "\n").encode()


def beside_slow(node, dataset):
    secret = token(node, "transport/lin", "upload", "make_intent", "sign_plan", "read_catalogue")
    mine = {"Authorization": f"Bearer {secret}"}
    with serving(node) as (_, port):
        sent = json.loads(ask(port, "/api/v1/uploads", persons(100000), mine))
        body = json.dumps({"upload": sent["id"], "verb": "open", "title": "T", "purpose": "statistics", "basis": "public_task"}).encode()
        over, slow = threading.Event(), []

        def plan():
            while not over.is_set():
                began = time.monotonic()
                with contextlib.suppress(urllib.error.HTTPError):
                    ask(port, "/api/v1/plans", body, {**mine, "Content-Type": "application/json"})
                slow.append(time.monotonic() - began)

        threads = [threading.Thread(target=plan) for _ in range(10)]
        for t in threads:
            t.start()
        time.sleep(2)
        f = Load(port, f"/en/datasets/{dataset}?n={{n}}", 4, seconds=max(SECONDS, 10)).figures()
        over.set()
        for t in threads:
            t.join()
    say("Others' pages while 10 slow requests run: p99, ms", f"{f['p99']:.1f}", f"median {f['p50']:.1f}, {f['rate']:,.0f}/s; a slow one takes {sum(slow) / len(slow):.1f} s (wanted: 50)")


def resident_mib(server):
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def idle(node, dataset):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    count = min(IDLE, most - 100)
    with serving(node) as (server, port):
        Load(port, f"/en/datasets/{dataset}?n={{n}}", 64, seconds=2).figures()  # all workers have worked
        before, held = resident_mib(server), []
        question = f"GET /api/v1/datasets/{dataset} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for _ in range(0, count, CHUNK_OF_IDLE):
            some = [socket.create_connection(("127.0.0.1", port)) for _ in range(CHUNK_OF_IDLE)]
            for s in some:
                s.sendall(question)
            for s in some:
                s.recv(65536)
            held += some
        during = resident_mib(server)
        began = time.monotonic()
        ask(port, "/healthz")
        answered = (time.monotonic() - began) * 1000
        for s in held:
            s.close()
    say(f"{count:,} idle connections: MB in memory", f"{during * 1.048576:.0f}", f"{before * 1.048576:.0f} without them; another is answered in {answered:.0f} ms (wanted: 200)")


def memory(node, dataset):
    secret = token(node, "acme/steward", "raise_case", "read_catalogue")
    body = json.dumps({"kind": "demand", "responsible": "transport", "subject": "demand {n}", "facts": {"request_complete": "true"}})
    mine = {"Content-Type": "application/json", "Authorization": f"Bearer {secret}"}
    with serving(node) as (server, port):
        def load(seconds):
            loads = [Load(port, f"/en/datasets/{dataset}?n={{n}}", 8, seconds=seconds), Load(port, f"/api/v1/datasets/{dataset}", 8, seconds=seconds),
                     Load(port, "/api/v1/cases", 2, seconds=seconds, method="POST", headers=mine, body=body)]
            return sum(one.figures()["count"] for one in loads)

        load(max(10, MEMORY_SECONDS // 10))
        first, count, seen = resident_mib(server), 0, []
        until = time.monotonic() + MEMORY_SECONDS
        while time.monotonic() < until:
            count += load(max(5, MEMORY_SECONDS // 10))
            seen.append(resident_mib(server))
    say(f"Memory after {MEMORY_SECONDS} s more of mixed load, MB", f"{seen[-1] * 1.048576:.0f}", f"{first * 1.048576:.0f} before; most {max(seen) * 1.048576:.0f}; {count:,} requests")


def main():
    for program in ("wrk", "nginx", "taskset"):
        if not shutil.which(program):
            raise SystemExit(f"bench/serve: {program} isn't installed (script/bootstrap --bench)")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="polder-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    print(f"# load of the machine at the start: {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    node = found(folder)
    with serving(node) as (_, port):
        dataset = json.loads(ask(port, "/api/v1/datasets"))["items"][0]["id"]
    parts = {"cache": lambda: cache_beside_nginx(node, folder, dataset), "pages": lambda: pages(node, dataset),
             "slow": lambda: beside_slow(node, dataset), "idle": lambda: idle(node, dataset), "acts": lambda: acts(node),
             "memory": lambda: memory(node, dataset)}
    for name, part in parts.items():
        if name in PARTS:
            part()


PROGRAM = str(pathlib.Path(sys.argv[1]) / "polder")
main()
