/*
 * The scanner: cuts the stream at fixed offsets into blocks, each searched with what lies around
 * it, so that the pieces in which the text came leave no trace.
 */
#include "detect/scan_impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 64 * 1024, /* candidates that start in it are decided together */
    AHEAD = 20 * 1024, /* of the text behind it: the longest finding, and what overlaps with that */
    OVERLAP = 9 * 1024, /* how far behind it candidates are looked for, to decide overlaps */
    BACK = 1024,        /* of the text before it: words of context, the rest of a word */
    MOST = BACK + BLOCK + AHEAD,
    BLOCKS = MOST / SCAN_BLOCK + 4 /* one before the text's, two behind */
};

struct detect_scanner {
    struct detect_scan_options options;
    struct detect_scan_handler handler;
    struct scan_window window; /* owns the list of candidates */
    const struct scan_bits *bits;
    struct scan_block *blocks; /* the one allocation, which buffer and taken are in too */
    char *buffer;   /* SCAN_BLOCK bytes of zeros stand before it, and more behind what it holds */
    uint8_t *taken; /* a byte for each of the buffer's: part of a finding that stands */
    size_t len;     /* bytes in it */
    uint64_t base;  /* offset of its first byte */
    uint64_t block; /* offset of the next block */
    uint64_t told;  /* up to here text and findings have been handed over */
    uint64_t line, column; /* of `told` */
    bool after_return;     /* the byte before `told` is a CR */
};

const char *detect_confidence_name(enum detect_confidence confidence) {
    static const char *const names[] = {
        [DETECT_LOW] = "low", [DETECT_MEDIUM] = "medium", [DETECT_HIGH] = "high"};
    return names[confidence];
}

enum pd_status detect_scanner_new(const struct detect_scan_options *options,
                                  const struct detect_scan_handler *handler,
                                  struct detect_scanner **out, struct pd_error *err) {
    struct detect_scanner *s = calloc(1, sizeof(*s));
    if (!s)
        return pd_fail_memory(err);
    s->options = *options;
    s->handler = *handler;
    s->line = s->column = 1;
    s->bits = scan_bits_get(options->way != DETECT_WHERE_LIKELY);
    /* In one piece: what is allocated for one cell after the other isn't given back in between. */
    size_t text = SCAN_BLOCK + MOST + 3 * SCAN_BLOCK, bits = BLOCKS * sizeof(*s->blocks);
    char *memory = malloc(bits + text + MOST);
    if (!memory) {
        detect_scanner_free(s);
        return pd_fail_memory(err);
    }
    s->blocks = (struct scan_block *)(void *)memory;
    s->buffer = memory + bits + SCAN_BLOCK;
    s->taken = (uint8_t *)memory + bits + text;
    memset(s->buffer - SCAN_BLOCK, 0, SCAN_BLOCK);
    memset(s->blocks, 0, sizeof(*s->blocks));
    *out = s;
    return PD_OK;
}

void detect_scanner_free(struct detect_scanner *s) {
    if (!s)
        return;
    free(s->window.list);
    free(s->blocks);
    free(s);
}

/* ---- one window ---- */

static bool beats(const struct scan_candidate *a, const struct scan_candidate *b) {
    if (a->confidence != b->confidence)
        return a->confidence > b->confidence;
    if (a->end - a->start != b->end - b->start)
        return a->end - a->start > b->end - b->start;
    if (a->is_weak != b->is_weak)
        return !a->is_weak;
    if (a->info->has_check_digit != b->info->has_check_digit)
        return a->info->has_check_digit;
    if (a->info->chance < b->info->chance || a->info->chance > b->info->chance)
        return a->info->chance < b->info->chance;
    if (a->type != b->type)
        return a->type < b->type;
    if (a->info != b->info) /* a site's, in the order of its file */
        return a->info < b->info;
    return !a->word && b->word;
}

static int compare_places(const void *left, const void *right) {
    const struct scan_candidate *a = left, *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return beats(a, b) ? -1 : beats(b, a) ? 1 : 0;
}

static int compare_ranks(const void *left, const void *right) {
    const struct scan_candidate *a = left, *b = right;
    if (beats(a, b))
        return -1;
    if (beats(b, a))
        return 1;
    return a->start < b->start ? -1 : a->start > b->start;
}

/* Of candidates that hang together by overlaps, those that stand come to the front, in the order of
   their places; returns how many. */
static size_t settle(struct scan_candidate *list, size_t count, uint8_t *taken) {
    qsort(list, count, sizeof(*list), compare_ranks);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t len = list[i].end - list[i].start;
        if (memchr(taken + list[i].start, 1, len))
            continue;
        memset(taken + list[i].start, 1, len);
        list[kept++] = list[i];
    }
    qsort(list, kept, sizeof(*list), compare_places);
    return kept;
}

/* ---- handing over ---- */

static const char *find_or_end(const char *at, const char *end, char c) {
    const char *found = at < end ? memchr(at, c, (size_t)(end - at)) : NULL;
    return found ? found : end;
}

static void advance(struct detect_scanner *s, pd_str text) {
    const char *at = text.data, *end = text.data + text.len;
    const char *lf = find_or_end(at, end, '\n'), *cr = find_or_end(at, end, '\r');
    while (at < end) {
        const char *stop = lf < cr ? lf : cr;
        if (stop > at)
            s->after_return = false;
        s->column += s->bits->characters(at, (size_t)(stop - at));
        at = stop;
        if (stop == end)
            break;
        bool is_second = *stop == '\n' && s->after_return; /* CR LF: counted at the CR */
        s->after_return = *stop == '\r';
        if (!is_second) {
            s->line++;
            s->column = 1;
        }
        at++;
        lf = lf < at ? find_or_end(at, end, '\n') : lf;
        cr = cr < at ? find_or_end(at, end, '\r') : cr;
    }
    s->told += text.len;
}

static pd_str view(const struct detect_scanner *s, uint64_t from, uint64_t to) {
    return (pd_str){s->buffer + (from - s->base), (size_t)(to - from)};
}

static enum pd_status tell_text(struct detect_scanner *s, uint64_t to, struct pd_error *err) {
    if (to <= s->told)
        return PD_OK;
    pd_str text = view(s, s->told, to);
    enum pd_status st = PD_OK;
    if (s->handler.text)
        st = s->handler.text(s->handler.context, text, err);
    advance(s, text);
    return st;
}

static enum pd_status tell_finding(struct detect_scanner *s, const struct scan_candidate *c,
                                   struct pd_error *err) {
    uint64_t start = s->base + c->start, end = s->base + c->end;
    enum pd_status st = tell_text(s, start, err);
    if (st != PD_OK)
        return st;
    struct detect_finding finding = {.type = c->type,
                                     .info = c->info,
                                     .offset = start,
                                     .line = s->line,
                                     .column = s->column,
                                     .text = view(s, start, end),
                                     .is_weak = c->is_weak,
                                     .confidence = c->confidence,
                                     .proof = c->proof,
                                     .word = c->word};
    st = s->handler.finding(s->handler.context, &finding, err);
    advance(s, finding.text);
    return st;
}

/* Decides the candidates of the window, cluster by cluster, and hands over what ends before the
   block's end; a cluster that begins before it and reaches further is handed over whole. */
static enum pd_status tell_window(struct detect_scanner *s, uint64_t block_end,
                                  struct pd_error *err) {
    struct scan_candidate *list = s->window.list;
    size_t count = s->window.count;
    enum pd_status st = PD_OK;
    if (count > 0) {
        qsort(list, count, sizeof(*list), compare_places);
        memset(s->taken, 0, s->len);
    }
    for (size_t i = 0; i < count && st == PD_OK;) {
        size_t end = list[i].end, next = i + 1;
        while (next < count && list[next].start < end) {
            if (list[next].end > end)
                end = list[next].end;
            next++;
        }
        if (s->base + list[i].start >= block_end)
            break;
        size_t kept = settle(list + i, next - i, s->taken);
        for (size_t k = i; k < i + kept && st == PD_OK; k++)
            st = tell_finding(s, &list[k], err);
        i = next;
    }
    return st == PD_OK ? tell_text(s, block_end, err) : st;
}

/* Makes the bits of what the buffer holds. */
static void read_bits(struct detect_scanner *s) {
    size_t count = s->len / SCAN_BLOCK + 1;
    memset(s->buffer + s->len, 0, 3 * SCAN_BLOCK);
    s->bits->blocks(s->buffer, count, s->blocks + 1);
    memset(s->blocks + 1 + count, 0, 2 * sizeof(*s->blocks));
}

/* Looks for candidates that start from `from` to `to`, or from the end of what was looked at. */
static void look(struct detect_scanner *s, size_t from, size_t to) {
    enum { BESIDE = 64 }; /* a title stands so far before its name, at most */
    struct scan_window *w = &s->window;
    w->visit_from = from > w->from && from - w->from > BESIDE ? from - BESIDE : w->from;
    w->from = from;
    w->to = w->visit_to = to;
    if (s->options.way == DETECT_EVERYWHERE)
        scan_look_everywhere(w);
    else
        scan_look(w);
}

/* Whether a candidate of the block goes on behind it, so that others may overlap with it there. */
static bool reaches_over(const struct scan_window *w, size_t end) {
    for (size_t i = 0; i < w->count; i++) {
        if (w->list[i].end > end)
            return true;
    }
    return false;
}

/* is_last: nothing comes behind what the buffer holds. */
static enum pd_status search_block(struct detect_scanner *s, bool is_last, struct pd_error *err) {
    struct scan_window *w = &s->window;
    uint64_t end = s->base + s->len;
    uint64_t block_end = s->block + BLOCK < end ? s->block + BLOCK : end;
    uint64_t from = s->told > s->block ? s->told : s->block;
    for (int n = 0;
         n < 3 && from < block_end && ((unsigned char)s->buffer[from - s->base] & 0xc0) == 0x80;
         n++)
        from++; /* the rest of a character that the block before had */
    size_t start = (size_t)(from - s->base), stop = (size_t)(block_end - s->base);
    size_t over = stop + OVERLAP < s->len ? stop + OVERLAP : s->len;
    read_bits(s);
    *w = (struct scan_window){
        .text = {s->buffer, s->len},
        .from = start,
        .is_first = s->base == 0,
        .is_last = is_last,
        .options = &s->options,
        .types = (s->options.types | s->options.site_types) != 0 ? s->options.types : DETECT_ALL,
        .bits = s->bits,
        .blocks = s->blocks + 1,
        .list = w->list,
        .capacity = w->capacity};
    look(s, start, s->options.site ? over : stop);
    if (s->options.site && !w->failed)
        scan_site(w);
    else if (!w->failed && reaches_over(w, stop))
        look(s, stop, over);
    if (w->failed)
        return pd_fail_memory(err);
    enum pd_status st = tell_window(s, block_end, err);
    s->block = block_end;
    return st;
}

/* Drops what no block needs any more. */
static void move_on(struct detect_scanner *s) {
    uint64_t keep = s->block > BACK ? s->block - BACK : 0;
    if (keep <= s->base)
        return;
    size_t drop = (size_t)(keep - s->base);
    memmove(s->buffer, s->buffer + drop, s->len - drop);
    s->len -= drop;
    s->base = keep;
}

enum pd_status detect_scanner_feed(struct detect_scanner *s, const char *bytes, size_t n,
                                   struct pd_error *err) {
    while (n > 0) {
        size_t full = (size_t)(s->block - s->base) + BLOCK + AHEAD;
        size_t take = full - s->len < n ? full - s->len : n;
        memcpy(s->buffer + s->len, bytes, take);
        s->len += take;
        bytes += take;
        n -= take;
        if (s->len < full)
            break;
        enum pd_status st = search_block(s, false, err);
        if (st != PD_OK)
            return st;
        move_on(s);
    }
    return PD_OK;
}

enum pd_status detect_scanner_finish(struct detect_scanner *s, struct pd_error *err) {
    /* What is left may be more than a block; its boundary stands where it would in a longer text.
     */
    enum pd_status st = PD_OK;
    while (st == PD_OK && s->block < s->base + s->len)
        st = search_block(s, true, err);
    return st;
}
