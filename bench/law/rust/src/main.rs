//! The peer of ../law.c in Rust: Cedar's own crate on the same cases, everything parsed beforehand.
//!
//!     polder-bench-law CASES      prints "case<TAB>engine<TAB>decisions/s<TAB>median ns<TAB>p99 ns"
//!
//! and writes what it answered to CASES/<case>/answers.rust.

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, Response};
use serde_json::Value;
use std::{env, fs, path::Path, str::FromStr, time::Instant};

const SECONDS: f64 = 2.0;
const TIMED: usize = 100_000;

/// What the processor spent on this thread.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("schedstat");
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).expect("nanoseconds") / 1e9
}

fn uid(json: &Value) -> EntityUid {
    EntityUid::from_json(json.clone()).expect("a uid")
}

fn request(json: &Value) -> Request {
    let context = Context::from_json_value(json["context"].clone(), None).expect("a context");
    Request::new(uid(&json["principal"]), uid(&json["action"]), uid(&json["resource"]), context, None).expect("a request")
}

/// As every engine writes it: "allow 3 17" or "deny 2", the reasons by number.
fn line(response: &Response) -> String {
    assert_eq!(response.diagnostics().errors().count(), 0, "a policy errs");
    let mut reasons: Vec<usize> =
        response.diagnostics().reason().map(|id| id.to_string()["policy".len()..].parse().expect("a number")).collect();
    reasons.sort_unstable();
    let decision = if response.decision() == Decision::Allow { "allow" } else { "deny" };
    reasons.iter().fold(decision.to_string(), |text, reason| format!("{text} {reason}")) + "\n"
}

fn run(folder: &Path) {
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
    let policies = PolicySet::from_str(&read("policies.cedar")).expect("policies");
    let entities = Entities::from_json_str(&read("entities.json"), None).expect("entities");
    let list: Vec<Value> = serde_json::from_str(&read("requests.json")).expect("requests");
    let requests: Vec<Request> = list.iter().map(request).collect();
    let authorizer = Authorizer::new();

    let answers: String = requests.iter().map(|r| line(&authorizer.is_authorized(r, &policies, &entities))).collect();
    fs::write(folder.join("answers.rust"), answers).expect("answers");

    let mut rounds = 0;
    let start = cpu_seconds();
    while cpu_seconds() - start < SECONDS {
        let wave = Instant::now();
        while wave.elapsed().as_millis() < 50 {
            std::hint::black_box(authorizer.is_authorized(&requests[rounds % requests.len()], &policies, &entities));
            rounds += 1;
        }
    }
    let per_second = rounds as f64 / (cpu_seconds() - start);

    let count = TIMED.min((per_second * SECONDS) as usize).max(requests.len());
    let mut times: Vec<u128> = (0..count)
        .map(|i| {
            let before = Instant::now();
            std::hint::black_box(authorizer.is_authorized(&requests[i % requests.len()], &policies, &entities));
            before.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    println!(
        "{}\tcedar-policy {} (Rust)\t{per_second:.0}\t{}\t{}",
        folder.file_name().expect("a name").to_string_lossy(),
        cedar_policy::get_sdk_version(),
        times[count / 2],
        times[count * 99 / 100]
    );
}

fn main() {
    let cases = env::args().nth(1).expect("usage: polder-bench-law CASES");
    let mut folders: Vec<_> = fs::read_dir(cases).expect("cases").map(|e| e.expect("a case").path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders.iter().for_each(|folder| run(folder));
}
