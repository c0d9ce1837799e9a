/*
 * What is over: sessions, flows of signing in and counts of failures that have expired; files below
 * uploads/ that no row names, because a crash came between the file and its row, or between the two
 * when one was forgotten. A job, each hour, by one server of those that share a node.
 */
#include "serve/serve_impl.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SWEEP_EVERY (3600 * PD_SECOND)
enum { ORPHAN_SECONDS = 3600 /* so long a file may be there before its row */ };

static const struct sql IS_THERE = {.both = "SELECT COUNT(*) FROM upload WHERE id = $1"};

static enum pd_status is_orphan(struct store *store, int folder, const char *name, bool *is,
                                struct pd_error *err) {
    struct store_value values[] = {STORE_STR(pd_str_from(name))};
    struct store_rows *rows;
    struct stat about;
    bool has;
    pd_id id;
    *is = false;
    if (!pd_id_parse(pd_str_from(name), &id) ||
        fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode) ||
        time(NULL) - about.st_mtime < ORPHAN_SECONDS) /* the file system's clock, not the node's */
        return PD_OK;
    enum pd_status st = store_select(store, IS_THERE, values, 1, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    *is = st == PD_OK && has && store_i64(rows, 0) == 0;
    store_rows_close(rows);
    return st;
}

static enum pd_status sweep_uploads(const struct serve *serve, struct store *store,
                                    struct pd_error *err) {
    int root = open(serve->config.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int folder = root < 0 ? -1 : openat(root, "uploads", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = folder < 0 ? NULL : fdopendir(folder);
    enum pd_status st = PD_OK;
    if (root >= 0)
        close(root);
    if (!listing) { /* nobody has sent anything yet */
        if (folder >= 0)
            close(folder);
        return PD_OK;
    }
    for (const struct dirent *entry; st == PD_OK && (entry = readdir(listing));) {
        bool is = false;
        st = is_orphan(store, folder, entry->d_name, &is, err);
        if (st == PD_OK && is && unlinkat(folder, entry->d_name, 0) != 0)
            st = pd_fail_errno(err, PD_IO, "remove uploads/%s", entry->d_name);
    }
    closedir(listing);
    return st;
}

struct sweeping {
    const struct serve *serve;
    struct store *store;
};

static enum pd_status run_sweep(void *context, pd_str subject, pd_time now, pd_time *again,
                                struct pd_error *err) {
    const struct sweeping *s = context;
    (void)subject;
    *again = now + SWEEP_EVERY;
    enum pd_status st = account_sweep(s->store, now, err);
    return st == PD_OK ? sweep_uploads(s->serve, s->store, err) : st;
}

enum pd_status serve_sweep_begin(struct serve *serve, struct govern *g, struct pd_error *err) {
    pd_time now = pd_clock_now(&serve->config.clock);
    return job_wake(govern_store(g), SERVE_JOB_SWEEP, PD_STR("all"), now, now, err);
}

enum pd_status serve_sweep_work(struct serve *serve, struct govern *g, struct job_tally *tally,
                                struct pd_error *err) {
    static const struct job_kind KIND = {SERVE_JOB_SWEEP, run_sweep};
    struct sweeping s = {serve, govern_store(g)};
    return job_run_kind(s.store, &KIND, &s, &serve->config.clock, 1, tally, err);
}
