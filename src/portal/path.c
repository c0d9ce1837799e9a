/*
 * The Merkle path of an act, drawn: from its leaf at the bottom to the signed root. The hashes are
 * computed here from the leaf and the proof, as a stranger would (RFC 9162 2.1.3.2).
 */
#include "portal/pages.h"

#include <string.h>

enum { STEP_HEIGHT = 58, STEPS_MAX = 64, SHORT = 10 };

struct path {
    uint64_t index, size;
    size_t count;
    crypto_hash siblings[STEPS_MAX], results[STEPS_MAX + 1]; /* results[0]: the leaf's */
    bool is_left[STEPS_MAX];                                 /* the sibling is */
};

static crypto_hash join(const crypto_hash *left, const crypto_hash *right) {
    uint8_t bytes[1 + 2 * CRYPTO_HASH_SIZE] = {1};
    memcpy(bytes + 1, left->bytes, CRYPTO_HASH_SIZE);
    memcpy(bytes + 1 + CRYPTO_HASH_SIZE, right->bytes, CRYPTO_HASH_SIZE);
    return crypto_sha256(bytes, sizeof(bytes));
}

static void climb(struct path *path) {
    uint64_t fn = path->index, sn = path->size - 1;
    for (size_t i = 0; i < path->count; i++) {
        path->is_left[i] = (fn & 1) || fn == sn;
        path->results[i + 1] = path->is_left[i] ? join(&path->siblings[i], &path->results[i])
                                                : join(&path->results[i], &path->siblings[i]);
        while (path->is_left[i] && !(fn & 1) && fn) {
            fn >>= 1;
            sn >>= 1;
        }
        fn >>= 1;
        sn >>= 1;
    }
}

/* C2SP tlog-proof: a line with the format, perhaps "extra", "index N", hashes, an empty line, the
   checkpoint, whose second line is its size. */
static bool read_proof(pd_str proof, struct path *path) {
    pd_str line;
    bool has_index = false;
    while (pd_str_split(&proof, '\n', &line) && line.len) {
        size_t n;
        uint8_t bytes[64];
        if (pd_str_starts(line, PD_STR("index ")))
            has_index = pd_parse_u64(pd_str_sub(line, 6, line.len), &path->index);
        else if (has_index && path->count < STEPS_MAX && line.len == 44 &&
                 pd_base64_decode(line, bytes, &n) && n == CRYPTO_HASH_SIZE)
            memcpy(path->siblings[path->count++].bytes, bytes, CRYPTO_HASH_SIZE);
    }
    return has_index && pd_str_split(&proof, '\n', &line) && pd_str_split(&proof, '\n', &line) &&
           pd_parse_u64(line, &path->size) && path->index < path->size;
}

static enum pd_status find_path(struct page *page, pd_id act, struct path *path,
                                struct pd_error *err) {
    pd_str proof, leaf;
    *path = (struct path){0};
    enum pd_status st =
        govern_prove_unwitnessed(page->call->g, act, page->arena, &proof, &leaf, err);
    if (st != PD_OK)
        return st;
    uint8_t *bytes = pd_arena_alloc(page->arena, leaf.len + 1);
    if (!bytes)
        return pd_fail_memory(err);
    memcpy(bytes + 1, leaf.data, leaf.len); /* behind the zero that makes it a leaf */
    path->results[0] = crypto_sha256(bytes, leaf.len + 1);
    if (!read_proof(proof, path))
        return pd_fail(err, PD_INTERNAL, "the proof of an act can't be read");
    climb(path);
    return PD_OK;
}

static pd_str hash_text(struct page *page, const crypto_hash *hash) {
    char hex[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(hash->bytes, CRYPTO_HASH_SIZE, hex);
    return pd_arena_str(page->arena, pd_str_from(hex));
}

/* ---- Drawing ---- */

struct drawing {
    struct page *page;
    struct template_value *lines, *circles, *labels;
};

static void draw_circle(struct drawing *d, int x, int y, const char *class_) {
    struct template_value *c = template_push_map(&d->page->maker, d->circles);
    template_put_number(&d->page->maker, c, "x", x);
    template_put_number(&d->page->maker, c, "y", y);
    template_put_number(&d->page->maker, c, "r", 9);
    template_put_text(&d->page->maker, c, "class", class_);
}

static void draw_label(struct drawing *d, int x, int y, const char *anchor, const char *class_,
                       pd_str text) {
    struct template_value *l = template_push_map(&d->page->maker, d->labels);
    template_put_number(&d->page->maker, l, "x", x);
    template_put_number(&d->page->maker, l, "y", y);
    template_put_text(&d->page->maker, l, "anchor", anchor);
    template_put_text(&d->page->maker, l, "class", class_);
    template_put_str(&d->page->maker, l, "text", text);
}

static void draw_line(struct drawing *d, int x1, int y1, int x2, int y2, const char *class_) {
    struct template_value *l = template_push_map(&d->page->maker, d->lines);
    template_put_text(&d->page->maker, l, "class", class_);
    template_put_str(&d->page->maker, l, "d",
                     pd_arena_printf(d->page->arena, "M%d %dL%d %d", x1, y1, x2, y2));
}

static void draw_node(struct drawing *d, int x, int y, bool is_own, const crypto_hash *hash,
                      const char *word) {
    pd_str hex = pd_str_sub(hash_text(d->page, hash), 0, SHORT);
    int side = x < 320 ? -1 : 1;
    draw_circle(d, x, y, is_own ? "o2" : "o");
    draw_label(d, x + 18 * side, y + 5, side < 0 ? "end" : "start", is_own ? "" : "s",
               word ? page_word(d->page, word) : hex);
}

static void draw(struct page *page, struct template_value *map, const struct path *path) {
    struct drawing d = {page, template_put_list(&page->maker, map, "lines"),
                        template_put_list(&page->maker, map, "circles"),
                        template_put_list(&page->maker, map, "labels")};
    int height = (int)(path->count + 1) * STEP_HEIGHT, x = 320;
    int y = height - STEP_HEIGHT / 2;
    int own_x = path->count && path->is_left[0] ? 410 : 230;
    x = path->count ? own_x : 320;
    draw_node(&d, x, y, true, &path->results[0], "act.this");
    for (size_t i = 0; i < path->count; i++) {
        int above = y - STEP_HEIGHT;
        bool is_last = i + 1 == path->count;
        int next_x = is_last ? 320 : path->is_left[i + 1] ? 410 : 230;
        int sibling_x = path->is_left[i] ? 230 : 410;
        draw_line(&d, sibling_x, y, next_x, above, "l");
        draw_line(&d, x, y, next_x, above, "p");
        draw_node(&d, sibling_x, y, false, &path->siblings[i], NULL);
        draw_node(&d, next_x, above, true, &path->results[i + 1], is_last ? "act.root" : NULL);
        x = next_x;
        y = above;
    }
    template_put_number(&page->maker, map, "height", height);
}

void pages_put_path(struct page *page, pd_id act) {
    struct path path;
    struct pd_error err;
    if (find_path(page, act, &path, &err) != PD_OK)
        return; /* pending, or pruned: the page says so without a drawing */
    struct template_value *map = template_put_map(&page->maker, page->values, "path");
    struct template_value *steps = template_put_list(&page->maker, map, "steps");
    for (size_t i = 0; i < path.count; i++) {
        struct template_value *step = template_push_map(&page->maker, steps);
        template_put_number(&page->maker, step, "number", (int64_t)i + 1);
        template_put_str(&page->maker, step, "side",
                         page_word(page, path.is_left[i] ? "act.left" : "act.right"));
        template_put_str(&page->maker, step, "sibling", hash_text(page, &path.siblings[i]));
        template_put_str(&page->maker, step, "result", hash_text(page, &path.results[i + 1]));
    }
    template_put_number(&page->maker, map, "count", (int64_t)path.count);
    template_put_str(&page->maker, map, "leaf", hash_text(page, &path.results[0]));
    template_put_bool(&page->maker, page->values, "has_proof", true);
    draw(page, map, &path);
}

/* ---- The same as files ---- */

void portal_get_path(struct serve_call *call) {
    static const char *const COLUMNS[] = {"step", "side", "sibling", "result"};
    struct page page;
    struct pd_error err = {0};
    struct catalogue_act found;
    struct catalogue_viewer viewer;
    struct path path;
    pd_id act;
    if (!page_begin(&page, call, "") || !page_id(&page, "id", &act))
        return;
    viewer = pages_viewer(&page);
    if (catalogue_act_find(call->g, &viewer, act, page.arena, &found, &err) != PD_OK ||
        find_path(&page, act, &path, &err) != PD_OK) {
        page_fail(&page, &err);
        return;
    }
    struct pages_table table = {COLUMNS, 4, path.count + 1, NULL};
    pd_str *cells = pd_arena_array(page.arena, table.rows * table.columns, sizeof(*cells));
    for (size_t i = 0; cells && i < table.rows; i++) {
        cells[4 * i] = pd_arena_printf(page.arena, "%zu", i);
        cells[4 * i + 1] = i ? pd_str_from(path.is_left[i - 1] ? "left" : "right") : PD_STR("leaf");
        cells[4 * i + 2] = i ? hash_text(&page, &path.siblings[i - 1]) : PD_STR("");
        cells[4 * i + 3] = hash_text(&page, &path.results[i]);
    }
    table.cells = cells;
    pages_send_table(&page, &table);
}
