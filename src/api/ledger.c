/* The ledger: logs and their leaves; the public log's files as C2SP tlog-tiles has them. */
#include "api/api_impl.h"

#include <string.h>

enum { TILE_MAX = 16 << 20 };

void api_get_logs(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    const struct govern_log *logs;
    size_t count;
    api_begin(&a, call);
    if (govern_logs(call->g, call->arena, &logs, &count, &err) != PD_OK) {
        api_fail(&a, &err);
        return;
    }
    api_items(&a);
    for (size_t i = 0; i < count; i++) {
        pd_json_object(&a.w);
        pd_json_member_str(&a.w, "name", logs[i].name);
        pd_json_member_str(&a.w, "origin", logs[i].origin);
        pd_json_member_str(&a.w, "vkey", logs[i].vkey);
        api_member_u64(&a.w, "size", logs[i].size);
        api_member_time(&a.w, "anchored_at", logs[i].anchored_at);
        pd_json_object_end(&a.w);
    }
    pd_json_array_end(&a.w);
    pd_json_object_end(&a.w);
    api_send(&a, 200);
}

void api_get_leaves(struct serve_call *call) {
    struct api_answer a;
    struct pd_error err = {0};
    pd_str from = api_query(call, "from"), limit = api_query(call, "limit");
    uint64_t first = UINT64_MAX, n = 20;
    api_begin(&a, call);
    enum pd_status st = PD_OK;
    if ((from.len && !pd_parse_u64(from, &first)) || (limit.len && (!pd_parse_u64(limit, &n) || n > 1000)))
        st = pd_fail(&err, PD_USAGE, "from is the number of a leaf, limit at most 1000");
    if (st == PD_OK)
        st = govern_log_write(call->g, PD_STR("public"), first, n, &a.w, &err);
    if (st == PD_OK)
        api_send(&a, 200);
    else
        api_fail(&a, &err);
}

/* ---- Files ---- */

static void send_file(struct serve_call *call, pd_str path, const char *type, bool is_fixed) {
    struct pd_error err = {0};
    pd_str bytes;
    enum pd_status st = path.data ? store_file_read(govern_store(call->g), path.data, TILE_MAX, call->arena, &bytes, &err)
                                  : pd_fail_memory(&err);
    if (st != PD_OK) {
        serve_fail(call, &err);
        return;
    }
    http_respond(call->response, 200, type, bytes);
    http_add_header(call->response, "Cache-Control", is_fixed ? PD_STR("public, max-age=31536000, immutable")
                                                              : PD_STR("no-cache"));
}

void api_get_checkpoint(struct serve_call *call) {
    send_file(call, PD_STR("ledger/public/checkpoint"), "text/plain; charset=utf-8", false);
}

static bool is_tile_word(pd_str word) {
    for (size_t i = 0; i < word.len; i++)
        if (!strchr("0123456789xp.", word.data[i]))
            return false;
    return word.len > 0 && word.len <= 8 && word.data[0] != '.';
}

/* "tile/<level>/<x001>/<067>", with ".p/<width>" for one that isn't full. */
static void send_tile(struct serve_call *call, pd_str level) {
    static const char *const NAMES[] = {"a", "b", "c", "d"};
    struct pd_error err = {0};
    pd_str path = pd_arena_printf(call->arena, "ledger/public/tile/%.*s", pd_arg(level));
    for (size_t i = 0; i < 4; i++) {
        pd_str word = http_param(call->request, NAMES[i]);
        if (!word.len)
            break;
        if (!is_tile_word(word)) {
            (void)pd_fail(&err, PD_NOT_FOUND, "there is no such tile");
            serve_fail(call, &err);
            return;
        }
        path = pd_arena_printf(call->arena, "%.*s/%.*s", pd_arg(path), pd_arg(word));
    }
    send_file(call, path, "application/octet-stream", true);
}

void api_get_tile(struct serve_call *call) {
    struct pd_error err = {0};
    pd_str level = http_param(call->request, "level");
    if (is_tile_word(level)) {
        send_tile(call, level);
        return;
    }
    (void)pd_fail(&err, PD_NOT_FOUND, "there is no such tile");
    serve_fail(call, &err);
}

void api_get_entries(struct serve_call *call) {
    send_tile(call, PD_STR("entries"));
}
